import type { GlobalOptions } from "./options.ts";
import type { Session } from "./session.ts";

/** What a command does: with the chain, its arguments and options; gives the exit code, 0 if none. */
export type Action<Args extends readonly unknown[], Options> = (
  session: Session,
  args: Args,
  options: Options & GlobalOptions,
) => Promise<number | void>;
