import { readFileSync } from "node:fs";

/** A snippet of a document, with what stands around it. */
export interface Snippet {
  /** Of the section it is in. */
  readonly heading: string;
  /** Name of its module: that of a first line such as `// setup.ts`, or a number. */
  readonly file: string;
  readonly code: string;
  /** Line of the document that the code begins at, from 1. */
  readonly line: number;
  /** What it prints, as the document has it: the next block, if that is text. */
  readonly output: string;
  /** What happens on the chain before it: comments `<!-- meanwhile: ... -->`. */
  readonly meanwhile: readonly string[];
  /** Where the market it runs on has its prices from: a comment `<!-- on: a stream -->`, else a feed. */
  readonly on: "feed" | "stream";
  /** Why it is compiled only: a comment `<!-- not run: ... -->`. */
  readonly notRun: string | undefined;
}

interface Fence {
  readonly language: string;
  readonly line: number;
  readonly text: string;
}

const FENCE = /^```(\w*)$/;
const COMMENT = /^<!-- (meanwhile|on|not run): (.+) -->$/;

/** The snippets in TypeScript of a Markdown document, in their order. */
export function readSnippets(path: string): Snippet[] {
  const snippets: Snippet[] = [];
  let heading = "";
  let meanwhile: string[] = [];
  let notRun: string | undefined;
  let on: Snippet["on"] = "feed";
  const lines = readFileSync(path, "utf8").split(/\r?\n/);
  for (let i = 0; i < lines.length; i += 1) {
    const line = lines[i]!;
    if (line.startsWith("## ")) heading = line.slice(3);
    const [, what, said] = COMMENT.exec(line) ?? [];
    if (what === "meanwhile") meanwhile.push(said!);
    else if (what === "not run") notRun = said;
    else if (what === "on") on = "stream";
    if (!line.startsWith("```")) continue;
    const fence = readFence(lines, i);
    i = fence.line + fence.text.split("\n").length - 1;
    if (fence.language === "text") giveOutput(snippets, fence.text);
    if (fence.language !== "ts") continue;
    const file = /^\/\/ ([\w-]+\.ts)$/m.exec(fence.text.split("\n", 1)[0]!)?.[1] ?? `line-${fence.line}.ts`;
    snippets.push({ heading, file, code: fence.text, line: fence.line, output: "", meanwhile, on, notRun });
    [meanwhile, on, notRun] = [[], "feed", undefined];
  }
  return snippets;
}

/** The fenced block whose first fence is line `at`, from 0. */
function readFence(lines: readonly string[], at: number): Fence {
  const end = lines.indexOf("```", at + 1);
  const language = FENCE.exec(lines[at]!)?.[1];
  if (end === -1 || language === undefined) throw new Error(`line ${at + 1}: a fence that can't be read`);
  return { language, line: at + 2, text: lines.slice(at + 1, end).join("\n") };
}

function giveOutput(snippets: Snippet[], output: string): void {
  const last = snippets.pop();
  if (last === undefined || last.output !== "") throw new Error(`nothing prints this: ${output}`);
  snippets.push({ ...last, output });
}
