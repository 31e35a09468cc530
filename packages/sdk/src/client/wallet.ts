import { Contract, MaxUint256, type BaseContract } from "ethers";
import type { Sent } from "../actions/send.ts";
import { checkAddress, checkRange, checkUint } from "../checks.ts";
import { guarded } from "../reads/guard.ts";
import { dispatch, senderOf, type ActionOptions, type Desk } from "./desk.ts";

/** What takes an account's tokens: the margin vault collateral, the pool deposits, the insurance fund gifts. */
export type Spender = "marginVault" | "liquidityVault" | "insuranceFund";

/** An account's collateral tokens outside of positions. */
export interface WalletClient {
  /** Token units. */
  balance(account: string): Promise<bigint>;
  /** Token units that a contract of the market may take. */
  allowance(account: string, spender: Spender): Promise<bigint>;
  /** Lets a contract of the market take `amount` token units of the sender's. */
  approve(spender: Spender, amount: bigint, options?: ActionOptions): Promise<Sent>;
  /** What the margin vault owes an account outside of positions: fees and rewards, transfers that failed. Token units. */
  claimable(account: string): Promise<bigint>;
  /** Has the margin vault pay `amount` of the sender's claim, by default all of it, to `to`, by default the sender. */
  claim(
    options?: ActionOptions & { readonly amount?: bigint | undefined; readonly to?: string | undefined },
  ): Promise<Sent>;
}

const ERC20 = [
  "function balanceOf(address) view returns (uint256)",
  "function allowance(address owner, address spender) view returns (uint256)",
  "function approve(address spender, uint256 amount) returns (bool)",
];

/** An ERC-20 token as far as it is called here. */
interface Erc20 extends BaseContract {
  balanceOf(account: string): Promise<bigint>;
  allowance(owner: string, spender: string): Promise<bigint>;
}

/** An account's collateral tokens. */
export function walletClient(desk: Desk): WalletClient {
  const { contracts, token } = desk;
  const { marginVault, addresses } = contracts;
  const erc20 = new Contract(token.address, ERC20, marginVault.runner) as unknown as Erc20;
  return {
    balance: (account) => guarded(() => erc20.balanceOf(account)),
    allowance: (account, spender) => guarded(() => erc20.allowance(account, addresses[spender])),
    approve: async (spender, amount, options) => {
      const data = erc20.interface.encodeFunctionData("approve", [
        addresses[spender],
        checkUint("amount", amount),
      ]);
      return dispatch(desk, Promise.resolve({ to: token.address, data }), options);
    },
    claimable: (account) => guarded(() => marginVault.claimOf(account)),
    claim: async ({ amount, to, ...options } = {}) => {
      const me = await senderOf(desk);
      const payee = to === undefined ? me : checkAddress("to", to);
      const all = checkRange(
        "amount",
        amount ?? (await guarded(() => marginVault.claimOf(me))),
        1n,
        MaxUint256,
      );
      return dispatch(desk, marginVault.claim.populateTransaction(payee, all), options);
    },
  };
}
