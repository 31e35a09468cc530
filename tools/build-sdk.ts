// Builds the published form of `@bulkhead/sdk`: one ES module with its declarations for every source file, contracts as
// ABIs without their code.
//
//   tsx tools/build-sdk.ts   after `hardhat build --no-tests`; `npm run build -w @bulkhead/sdk` does both
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, posix, relative, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import ts from "typescript";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const PACKAGE = join(ROOT, "packages/sdk");
const SOURCES = "packages/sdk/src/";
const GENERATED = "typechain-types/";
const ENTRIES = ["index.ts", "math/index.ts", "streams/index.ts"];

/** A build that can't be made; the message says why. */
export class BuildError extends Error {
  override readonly name = "BuildError";
}

/**
 * A generated factory without the contract's code: what TypeChain itself writes for an interface, which can be
 * connected to and not deployed.
 */
function withoutBytecode(file: string, source: string): string {
  const name = /export class (\w+)__factory/.exec(source)?.[1];
  const types = new RegExp(`import type \\{[^}]*\\b${name}Interface\\b[^}]*\\} from ("[^"]+")`).exec(
    source,
  )?.[1];
  const abi = /const _abi = (\[[\s\S]*?\n\]) as const;/.exec(source)?.[1];
  if (name === undefined || types === undefined || abi === undefined)
    throw new BuildError(`${file}: it is not laid out as TypeChain does it`);
  return `import { Contract, Interface, type ContractRunner } from "ethers";
import type { ${name}, ${name}Interface } from ${types};

const _abi = ${abi} as const;

/** The ABI of \`${name}\`, and typed access to a deployed one. */
export class ${name}__factory {
  static readonly abi = _abi;
  /** Encodes and decodes calls, events and errors. */
  static createInterface(): ${name}Interface {
    return new Interface(_abi) as ${name}Interface;
  }
  /** The contract at an address. */
  static connect(address: string, runner?: ContractRunner | null): ${name} {
    return new Contract(address, _abi, runner) as unknown as ${name};
  }
}
`;
}

function options(): ts.CompilerOptions {
  const { config, error } = ts.readConfigFile(join(ROOT, "tsconfig.json"), (file) => ts.sys.readFile(file));
  if (error !== undefined) throw new BuildError(String(error.messageText));
  return {
    ...ts.parseJsonConfigFileContent(config, ts.sys, ROOT, undefined, undefined, undefined).options,
    target: ts.ScriptTarget.ES2022,
    noEmit: false,
    declaration: true,
    rewriteRelativeImportExtensions: true,
    newLine: ts.NewLineKind.LineFeed,
    rootDir: ROOT,
    outDir: ROOT,
  };
}

/** A host that reads factories without code. */
function hostOf(compilerOptions: ts.CompilerOptions): ts.CompilerHost {
  const host = ts.createCompilerHost(compilerOptions);
  const { getSourceFile } = host;
  host.getSourceFile = (file, version, ...others) => {
    const text = file.endsWith("__factory.ts") ? host.readFile(file) : undefined;
    if (text === undefined) return getSourceFile(file, version, ...others);
    return ts.createSourceFile(file, withoutBytecode(relative(ROOT, file), text), version);
  };
  return host;
}

/** Where a file of the repository goes in the package. */
function placeOf(path: string): string {
  return path.startsWith(SOURCES) ? path.slice(SOURCES.length) : `typechain/${path.slice(GENERATED.length)}`;
}

/** Points the imports of an emitted file at where their targets go, with the endings that they have there. */
function redirect(path: string, text: string): string {
  return text.replace(/(\bfrom |\bimport\()"(\.[^"]+)"/g, (_, before: string, specifier: string) => {
    const target = placeOf(posix.join(posix.dirname(path), specifier));
    const direct = posix.relative(posix.dirname(placeOf(path)), target).replace(/\.ts$/, ".js");
    return `${before}"${direct.startsWith(".") ? direct : `./${direct}`}"`;
  });
}

/** Builds the package into `folder`, which is emptied first. Throws {@link BuildError}. */
export function buildSdk(folder = join(PACKAGE, "dist")): void {
  if (!existsSync(join(ROOT, GENERATED)))
    throw new BuildError("typechain-types/ is missing: run `npx hardhat build --no-tests` first");
  const compilerOptions = options();
  const host = hostOf(compilerOptions);
  const entries = ENTRIES.map((entry) => join(ROOT, SOURCES, entry));
  const program = ts.createProgram(entries, compilerOptions, host);
  const problems = ts.getPreEmitDiagnostics(program);
  if (problems.length > 0) throw new BuildError(ts.formatDiagnostics(problems, host));
  rmSync(folder, { recursive: true, force: true });
  const { diagnostics } = program.emit(undefined, (file, text) => {
    const path = relative(ROOT, file).split(sep).join("/");
    const place = join(folder, placeOf(path));
    mkdirSync(dirname(place), { recursive: true });
    writeFileSync(place, redirect(path, text));
  });
  if (diagnostics.length > 0) throw new BuildError(ts.formatDiagnostics(diagnostics, host));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  try {
    buildSdk();
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    console.error(`sdk: ${error.message}`);
    process.exitCode = 1;
  }
}
