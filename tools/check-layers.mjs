// Fails when an import goes against the arrows of `tools/layers.mjs`.
//
//   node tools/check-layers.mjs [folder]   the folder to check, this repository by default
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join, posix, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { skipped, solidity, typescript } from "./layers.mjs";

const ROOT = resolve(process.argv[2] ?? fileURLToPath(new URL("..", import.meta.url)));
const WORKSPACE = /^@bulkhead\/([^/]+)(\/[^/.]+)?$/;

/** A pattern of the table as a regular expression: `*`, `**` and `{a,b}`. */
function toRegExp(pattern) {
  const source = pattern
    .replace(/[.+^$()|[\]\\]/g, "\\$&")
    .replace(/\{([^}]*)\}/g, (_, choices) => `(?:${choices.replaceAll(",", "|")})`)
    .replace(/\*\*|\*/g, (star) => (star === "**" ? ".*" : "[^/]*"));
  return new RegExp(`^${source}$`);
}

function matches(pattern, target) {
  return toRegExp(pattern).test(target);
}

function* sourceFiles(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      const isHidden = entry.name.startsWith(".");
      if (!isHidden && !skipped.includes(entry.name)) yield* sourceFiles(path);
    } else if (/\.(sol|[cm]?[jt]sx?)$/.test(entry.name)) {
      yield relative(ROOT, path).split(sep).join("/");
    }
  }
}

/** Blanks the comments, so that offsets and line numbers stay what they were. */
function withoutComments(text) {
  const tokens = /"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|\/\/[^\n]*|\/\*[\s\S]*?\*\//g;
  return text.replace(tokens, (token) => (token.startsWith("/") ? token.replace(/[^\n]/g, " ") : token));
}

function solidityImports(text) {
  const statements = /\bimport\s+(?:[^"';]*?\bfrom\s+)?["']([^"']+)["'][^;]*;/g;
  return [...withoutComments(text).matchAll(statements)].map((match) => ({
    specifier: match[1],
    offset: match.index,
  }));
}

function typescriptImports(text) {
  return ts
    .preProcessFile(text, true, true)
    .importedFiles.map(({ fileName, pos }) => ({ specifier: fileName, offset: pos }));
}

/** What an import points at: a path of the repository, or `npm:<package>`. */
function target(file, specifier) {
  if (specifier.startsWith(".")) return posix.normalize(posix.join(dirname(file), specifier));
  const workspace = WORKSPACE.exec(specifier);
  if (workspace) return `packages/${workspace[1]}/src${workspace[2] ?? ""}/index.ts`;
  if (file.endsWith(".sol") && /^(contracts|test)\//.test(specifier)) return specifier;
  const [scopeOrName, name] = specifier.split("/");
  return `npm:${specifier.startsWith("@") ? `${scopeOrName}/${name}` : scopeOrName}`;
}

function* violations(file) {
  const isSolidity = file.endsWith(".sol");
  const layer = (isSolidity ? solidity : typescript).find(({ files }) => matches(files, file));
  if (!layer) {
    yield `${file}: no layer for this folder; give it a line in tools/layers.mjs`;
    return;
  }
  const text = readFileSync(join(ROOT, file), "utf8");
  for (const { specifier, offset } of isSolidity ? solidityImports(text) : typescriptImports(text)) {
    const imported = target(file, specifier);
    if (layer.may.some((pattern) => matches(pattern, imported))) continue;
    const line = text.slice(0, offset).split("\n").length;
    yield [
      `${file}:${line}: imports "${specifier}" (${imported})`,
      `    ${layer.files} may import only ${layer.may.join(", ")}: ${layer.why}`,
    ].join("\n");
  }
}

const files = [...sourceFiles(ROOT)].sort();
const found = files.flatMap((file) => [...violations(file)]);
for (const violation of found) console.error(violation);
if (found.length > 0) {
  console.error(`\n${found.length} import(s) against the arrows of tools/layers.mjs`);
  process.exit(1);
}
console.log(`Layers: ${files.length} files keep to the arrows.`);
