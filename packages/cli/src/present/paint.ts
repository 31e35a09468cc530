import { styleText } from "node:util";

/** What a text is painted for. */
export type Style = "red" | "green" | "yellow" | "bold" | "dim" | "cyan";

/** Paints a text, or leaves it plain. */
export type Paint = (style: Style, text: string) => string;

/** Paints nothing. */
export const plain: Paint = (_, text) => text;

const painted: Paint = (style, text) => styleText(style, text, { validateStream: false });

/** What paints for a stream: colour on a terminal, unless NO_COLOR is set, the terminal is dumb or it is CI's. */
export function paintFor(
  { isTTY }: { readonly isTTY?: boolean | undefined },
  env: Readonly<Record<string, string | undefined>>,
): Paint {
  if (env.NO_COLOR) return plain;
  if (env.FORCE_COLOR !== undefined) return ["0", "false", ""].includes(env.FORCE_COLOR) ? plain : painted;
  return isTTY === true && env.TERM !== "dumb" && !env.CI ? painted : plain;
}
