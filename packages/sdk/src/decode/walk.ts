/** What one layer of a thrown value says. */
export interface Layer {
  readonly code: string | number | undefined;
  readonly name: string | undefined;
  /** Everything it says in words, one text after the other. */
  readonly text: string;
  /** The layer as it is. */
  readonly raw: Readonly<Record<string, unknown>>;
}

/** Layers and values looked at before giving up: errors nest four or five deep, never by the hundred. */
const [MAX_LAYERS, MAX_LOOKS] = [64, 1_000];

/** As much as is read of a text: what counts stands at its beginning. */
const MAX_TEXT = 4_096;

/** What an error repeats of the request: not an answer, and revert data least of all. */
const ECHOES: ReadonlySet<string> = new Set([
  "transaction",
  "transactionRequest",
  "payload",
  "request",
  "receipt",
  "replacement",
  "invocation",
  "provider",
  "stack",
]);

/**
 * The layers of a thrown value, outermost first: causes, the errors that providers and wallets wrap, members of an
 * AggregateError, and JSON in the text of an HTTP answer.
 */
export function layersOf(error: unknown): Layer[] {
  const layers: Layer[] = [];
  const seen = new Set<unknown>();
  const queue: unknown[] = [error];
  for (let i = 0; i < Math.min(queue.length, MAX_LOOKS) && layers.length < MAX_LAYERS; i += 1) {
    const next = queue[i];
    if (typeof next === "string") {
      const parsed = parseJson(next);
      if (parsed !== undefined) queue.push(parsed);
      else if (layers.length === 0) layers.push(layerOf({ message: next }));
      continue;
    }
    if (typeof next !== "object" || next === null || seen.has(next)) continue;
    seen.add(next);
    const raw = fieldsOf(next);
    layers.push(layerOf(raw));
    for (const [key, value] of Object.entries(raw)) {
      if (ECHOES.has(key)) continue;
      if (typeof value === "object" || (typeof value === "string" && value.startsWith("{")))
        queue.push(value);
    }
  }
  return layers;
}

/**
 * Revert data wherever the provider put it. Nethermind writes "Reverted 0x…", Ganache files it under the transaction's
 * hash as `return` or `result`.
 */
export function revertData(error: unknown): string | undefined {
  for (const { raw } of layersOf(error)) {
    for (const value of [raw.data, raw.return, raw.result]) {
      const found =
        typeof value === "string" ? /^(?:Reverted )?(0x[0-9a-f]{8,})$/i.exec(value)?.[1] : undefined;
      if (found !== undefined && found.length % 2 === 0) return found;
    }
  }
  return undefined;
}

/** Own fields, and those an error inherits or hides: `cause`, `errors`, `message`, `name`. */
function fieldsOf(value: object): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  try {
    Object.assign(fields, value);
    const source = value as Record<string, unknown>;
    for (const key of ["name", "message", "code", "cause", "errors"]) {
      if (key in source) fields[key] = source[key];
    }
  } catch {
    // What won't be read says nothing.
  }
  return fields;
}

function layerOf(raw: Record<string, unknown>): Layer {
  const { code, name } = raw;
  const texts = [
    raw.shortMessage,
    raw.message,
    raw.reason,
    raw.details,
    typeof raw.error === "string" ? raw.error : "",
  ];
  // What a program printed around a JSON-RPC answer, Nethermind's `data` for instance, counts as words too.
  if (typeof raw.data === "string" && !raw.data.startsWith("0x")) texts.push(raw.data);
  return {
    code: typeof code === "string" || typeof code === "number" ? code : undefined,
    name: typeof name === "string" ? name : undefined,
    text: texts
      .filter((text) => typeof text === "string")
      .map((text) => text.slice(0, MAX_TEXT))
      .join("\n"),
    raw,
  };
}

function parseJson(text: string): object | undefined {
  if (!text.startsWith("{")) return undefined;
  try {
    return JSON.parse(text) as object;
  } catch {
    return undefined;
  }
}
