import { AbiCoder, id as hashOf, ZeroHash } from "ethers";

const coder = AbiCoder.defaultAbiCoder();

/** A signed report of schema v3 as Data Streams serves it; the signatures are for a verifier to judge. */
export function encodeStreamsReport(report: {
  readonly feedId: string;
  readonly validFrom: bigint;
  readonly observedAt: bigint;
  readonly price: bigint;
  /** How many nodes signed. */
  readonly signatures?: number;
}): string {
  const { feedId, validFrom, observedAt, price, signatures = 6 } = report;
  const fields = [
    "bytes32",
    "uint32",
    "uint32",
    "uint192",
    "uint192",
    "uint32",
    "int192",
    "int192",
    "int192",
  ];
  const data = coder.encode(fields, [
    feedId,
    validFrom,
    observedAt,
    0,
    0,
    observedAt + 86_400n,
    price,
    price,
    price,
  ]);
  const words = Array.from({ length: signatures }, (_, i) => hashOf(`signature ${i}`));
  return coder.encode(
    ["bytes32[3]", "bytes", "bytes32[]", "bytes32[]", "bytes32"],
    [[ZeroHash, ZeroHash, ZeroHash], data, words, words, ZeroHash],
  );
}
