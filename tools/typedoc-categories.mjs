// Gives every export in the API reference the category of the folder it is declared in, so that the sources need no tags,
// and documents the title of their first heading.
//
//   "plugin": ["./tools/typedoc-categories.mjs"] in typedoc.json
import { Comment, CommentTag, Converter } from "typedoc";

/** The first pattern that a declaration's file matches names its category. */
const CATEGORIES = [
  [/typechain-types\/|sdk\/src\/contracts\.ts$/, "Contracts"],
  [/sdk\/src\/(bulkhead|deployments|market)\.ts$|sdk\/src\/(actions|client|reads)\//, "Markets"],
  [/sdk\/src\/(orders\/|types\.ts$)/, "Orders"],
  [/sdk\/src\/engine\//, "Engine"],
  [/sdk\/src\/trader\//, "Trader's tools"],
  [/sdk\/src\/(oracle|streams)\//, "Oracles"],
  [/sdk\/src\/(errors|decode\/.*)\.ts$/, "Errors and events"],
  [/sdk\/src\/(checks\.ts$|math\/)/, "Amounts and math"],
];

/** Those whose file is also another category's. */
const NAMED = new Map([
  ["MarketAddresses", "Markets"],
  ["StreamAddresses", "Markets"],
  ["AddressLike", "Markets"],
  ["flags", "Engine"],
  ["math", "Amounts and math"],
]);

/** Plugin entry point; TypeDoc calls it. */
export function load(app) {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const document of project.documents ?? []) {
      const text = document.content.map((part) => part.text).join("");
      document.name = /^# (.+)$/m.exec(text)?.[1] ?? document.name;
    }
    for (const module of project.children ?? []) {
      if (!module.name.endsWith("/sdk")) continue;
      for (const declared of module.children ?? []) assign(declared, app.logger);
    }
  });
}

function assign(declared, logger) {
  const file = declared.sources?.[0]?.fullFileName ?? "";
  const category =
    NAMED.get(declared.name) ?? CATEGORIES.find(([pattern]) => pattern.test(file.replaceAll("\\", "/")))?.[1];
  if (category === undefined) return logger.warn(`${declared.name} in ${file}: no category is known for it`);
  const documented = declared.signatures?.[0] ?? declared;
  documented.comment ??= new Comment();
  documented.comment.blockTags.push(new CommentTag("@category", [{ kind: "text", text: category }]));
}
