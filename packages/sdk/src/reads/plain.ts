import { Result } from "ethers";

/** A decoded struct as plain data: its fields by name, structs and lists inside it likewise. */
export type Plain<T> = T extends bigint | boolean | string
  ? T
  : T extends readonly unknown[]
    ? number extends T["length"]
      ? readonly Plain<T[number]>[]
      : { readonly [K in Exclude<keyof T, keyof unknown[] | `${number}`>]: Plain<T[K]> }
    : T;

/** Copies what ethers decoded into plain data, which spreads, compares and prints as one expects. */
export function plain<T>(decoded: T): Plain<T> {
  return copy(decoded) as Plain<T>;
}

/** Copies the decoded arguments of an error or event into plain data, by name. */
export function plainArgs(args: Result): Record<string, unknown> {
  return args.length === 0 ? {} : (copy(args) as Record<string, unknown>);
}

function copy(value: unknown): unknown {
  if (!(value instanceof Result)) return value;
  const fields = fieldsOf(value);
  if (fields === undefined) return [...value].map(copy);
  return Object.fromEntries(fields.map(([name, field]) => [name, copy(field)]));
}

/** A struct's fields by name; `undefined` for a list, whose items have none. */
function fieldsOf(value: Result): [string, unknown][] | undefined {
  if (value.length === 0) return undefined;
  try {
    const fields = Object.entries(value.toObject());
    // ethers calls the item of a list of one so.
    return fields[0]?.[0] === "_" ? undefined : fields;
  } catch {
    return undefined;
  }
}
