import { expect } from "chai";
import { parseOptions, type ReplayOptions } from "../../scripts/replay/options.ts";

class Exit extends Error {}

interface Outcome {
  readonly options?: ReplayOptions;
  readonly code?: number;
  readonly out: string;
  readonly err: string;
}

function run(...args: string[]): Outcome {
  let [out, err] = ["", ""];
  let code: number | undefined;
  const io = {
    out: (text: string) => void (out += text),
    err: (text: string) => void (err += text),
    exit: (status: number): never => {
      code = status;
      throw new Exit();
    },
  };
  try {
    return { options: parseOptions(["node", "replay.ts", ...args], io), out, err };
  } catch (error) {
    if (!(error instanceof Exit)) throw error;
    return { code, out, err };
  }
}

describe("the replay's options", () => {
  it("have defaults", () => {
    expect(run().options).to.deep.equal({
      data: "data/chainlink-eth-usd-2023-08-flash-crash.csv",
      oracle: "feed",
      traders: 200,
      seed: 1,
      leverageMax: 50,
      json: false,
      report: "reports/replay.html",
    });
  });

  it("take what is given", () => {
    const args = "--data a.csv --traders 12 --seed 0 --leverage-max 2.5 --json --report out/b.html".split(
      " ",
    );
    expect(run(...args).options).to.deep.equal({
      data: "a.csv",
      oracle: "feed",
      traders: 12,
      seed: 0,
      leverageMax: 2.5,
      json: true,
      report: "out/b.html",
    });
  });

  it("are explained by --help, with examples, which exits 0", () => {
    const { code, out, err } = run("--help");
    expect(code).to.equal(0);
    expect(err).to.equal("");
    for (const text of [
      "--data",
      "--traders",
      "--seed",
      "--leverage-max",
      "--json",
      "--report",
      "Examples:",
    ]) {
      expect(out).to.contain(text);
    }
  });

  const cases: [args: string[], names: string, right: string][] = [
    [["--traders", "0"], "--traders", "A whole number from 1 to 290 is expected."],
    [["--traders", "291"], "--traders", "A whole number from 1 to 290 is expected."],
    [["--traders", "2.5"], "--traders", "A whole number from 1 to 290 is expected."],
    [["--traders", "many"], "--traders", "A whole number from 1 to 290 is expected."],
    [["--seed", "-1"], "--seed", "A whole number from 0 to 4294967295 is expected."],
    [["--seed", "4294967296"], "--seed", "A whole number from 0 to 4294967295 is expected."],
    [["--leverage-max", "1.9"], "--leverage-max", "A number from 2 to 50 is expected."],
    [["--leverage-max", "51"], "--leverage-max", "A number from 2 to 50 is expected."],
    [["--leverage-max", "1e1"], "--leverage-max", "A number from 2 to 50 is expected."],
    [["--data", ""], "--data", "A file name is expected."],
    [["--report", " "], "--report", "A file name is expected."],
    [["--data"], "--data <file>", "argument missing"],
    [["--sed", "1"], "--sed", "Did you mean --seed?"],
    [["prices.csv"], "prices.csv", "Expected 0 arguments"],
  ];
  for (const [args, names, right] of cases) {
    it(`refuse ${JSON.stringify(args.join(" "))} in one line and exit 2`, () => {
      const { code, out, err } = run(...args);
      expect(code).to.equal(2);
      expect(out).to.equal("");
      expect(err).to.match(/^replay: [^\n]+\n$/);
      expect(err).to.contain(names).and.to.contain(right);
    });
  }
});
