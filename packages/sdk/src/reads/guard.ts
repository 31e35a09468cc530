import { asBulkheadError } from "../decode/errors.ts";

/** What `read` gives; whatever it throws comes as a BulkheadError. */
export async function guarded<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw asBulkheadError(error);
  }
}
