// What a test fails with travels between mocha's processes as JSON, which has no bigints: the values of an assertion go as
// text, so that its message arrives.
import { inspect } from "node:util";

export const mochaHooks = {
  afterEach() {
    const error = this.currentTest?.err;
    if (error === undefined) return;
    for (const [name, value] of Object.entries(error))
      if (typeof value === "object" || typeof value === "bigint") error[name] = inspect(value, { depth: 8 });
  },
};
