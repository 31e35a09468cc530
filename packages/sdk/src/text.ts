/** What moves a terminal's cursor, ends a line, turns the direction of writing or can't be seen. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu;

/**
 * Words of strangers, such as a token's symbol or a reason to revert, as they may be shown: on one line, at most `most`
 * characters, with a space for what is unseen. It is text and not HTML.
 */
export function printable(text: string, most: number): string {
  const cut = text.length > most ? `${text.slice(0, most)}…` : text;
  return cut.replace(UNSEEN, " ");
}
