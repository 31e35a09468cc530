import type { VectorDocument } from "./document.ts";
import { mathVectors } from "./math.ts";
import { previewVectors } from "./previews.ts";

/** Where the files lie. */
export const VECTORS = "packages/sdk/vectors";

/** All of them. */
export const documents: readonly VectorDocument[] = [mathVectors, previewVectors];
