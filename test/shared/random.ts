export * from "../../scripts/random.ts";
