import { availableParallelism } from "node:os";
import type { HardhatPlugin } from "hardhat/types/plugins";
import type { CompilerInput, CompilerOutput } from "hardhat/types/solidity";

type Selection = CompilerInput["settings"]["outputSelection"];

interface SyntaxNode {
  nodeType: string;
  id: number;
  name: string;
  src: string;
  abstract: boolean;
  contractKind: string;
  linearizedBaseContracts: number[];
}

/** What solc says of a contract without code. */
const NO_CODE = { object: "", opcodes: "", sourceMap: "", linkReferences: {} };

/** Shares the contracts in `files` out among `count` compilers, evenly by how much source each contract is made of. */
function shareOut(
  sources: CompilerOutput["sources"],
  files: string[],
  count: number,
  outputs: string[],
): Selection[] {
  const contracts = Object.entries(sources).flatMap(([file, { ast }]) =>
    (ast.nodes as SyntaxNode[])
      .filter(({ nodeType }) => nodeType === "ContractDefinition")
      .map((node) => ({ ...node, file, length: Number(node.src.split(":")[1]) })),
  );
  const lengths = new Map(contracts.map(({ id, length }) => [id, length]));
  const shares = Array.from({ length: count }, () => ({ length: 0, selection: {} as Selection }));
  const ordered = contracts
    .filter(
      ({ file, abstract, contractKind }) => files.includes(file) && !abstract && contractKind !== "interface",
    )
    .map(({ file, name, linearizedBaseContracts: bases }) => ({
      file,
      name,
      length: bases.reduce((sum, id) => sum + (lengths.get(id) ?? 0), 0),
    }))
    .sort((a, b) => b.length - a.length);
  for (const { file, name, length } of ordered) {
    const least = shares.reduce((a, b) => (b.length < a.length ? b : a));
    (least.selection[file] ??= {})[name] = outputs;
    least.length += length;
  }
  return shares.filter(({ length }) => length !== 0).map(({ selection }) => selection);
}

const testsIn = (input: CompilerInput) =>
  Object.keys(input.sources).filter((file) => file.startsWith("project/test/"));

/** Tests of libraries have these inlined: they are compiled as contracts are. */
const hasLibraryInside = (file: string) => /^project\/test\/(libraries|math)\//.test(file);

/**
 * Compiles of a build of tests the tests alone, on all cores and without the Yul optimiser's steps. Hardhat asks for
 * the code of whatever they import as well; they deploy that from the artifacts of the contracts' own build.
 */
export const testsAlone = (optimizer: CompilerInput["settings"]["optimizer"]): HardhatPlugin => ({
  id: "tests-alone",
  hookHandlers: {
    solidity: async () => ({
      default: async () => ({
        preprocessSolcInputBeforeBuilding: async (context, input, next) => {
          if (testsIn(input).length === 0) return next(context, input);
          const details = { yulDetails: { optimizerSteps: ":" } };
          return next(context, {
            ...input,
            settings: { ...input.settings, optimizer: { ...optimizer, details } },
          });
        },
        invokeSolc: async (context, compiler, input, config, next) => {
          const tests = testsIn(input);
          if (tests.length === 0) return next(context, compiler, input, config);
          const { "": ofFile = [], "*": ofContract = [] } = input.settings.outputSelection["*"] ?? {};
          const compile = (outputSelection: Selection, settings = input.settings) =>
            next(context, compiler, { ...input, settings: { ...settings, outputSelection } }, config);
          const share = (files: string[], count: number) =>
            shareOut(output.sources, files, count, ofContract);

          // Syntax trees apart from code: asked for both at once, the compiler makes the code of every file.
          const output = await compile({ "*": { "": ofFile, "*": ["abi", "evm.methodIdentifiers"] } });
          const contracts = output.contracts;
          if (contracts === undefined || output.errors?.some(({ severity }) => severity === "error"))
            return output;
          const others = tests.filter((file) => !hasLibraryInside(file));
          const parts = [
            ...share(others, availableParallelism()).map((selection) => compile(selection)),
            ...share(tests.filter(hasLibraryInside), 1).map((selection) =>
              compile(selection, { ...input.settings, optimizer }),
            ),
          ];
          for (const part of await Promise.all(parts)) {
            const errors = part.errors?.filter(({ severity }) => severity === "error") ?? [];
            output.errors = [...(output.errors ?? []), ...errors];
            for (const [file, made] of Object.entries(part.contracts ?? {})) {
              contracts[file] = { ...contracts[file], ...made };
            }
          }
          // EDR reads the code of every contract, if only to see that there is none.
          for (const { evm } of Object.values(contracts).flatMap((file) => Object.values(file))) {
            if (evm !== undefined) evm.bytecode ??= evm.deployedBytecode ??= NO_CODE;
          }
          return output;
        },
      }),
    }),
  },
});
