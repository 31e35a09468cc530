import type { Say } from "../say.ts";

const SIGN_AGAIN = "have the wallet sign again and pass what it returns";

/** What errors of the libraries mean, and what to do. */
export const STANDARD_ADVICE = {
  AddressEmptyCode: (a: Say) =>
    `There is no contract at ${a.raw("target")}: check the address and the chain.`,
  FailedCall: () => "A call inside the transaction failed without saying why: simulate it alone to find out.",
  FailedDeployment: () => "A contract could not be deployed: its address is taken, or gas ran out.",
  Create2EmptyBytecode: () => "There is no creation code to deploy: pass it.",
  Create3EmptyBytecode: () => "There is no creation code to deploy: pass it.",
  InsufficientBalance: (a: Say) =>
    `The contract holds ${a.wad("balance")} of the native token, and ${a.wad("needed")} is needed: send more with the call.`,
  ReentrancyGuardReentrantCall: () =>
    "The contract was called again while it worked, by a token or receiver that calls back: that is not allowed.",
  SafeCastOverflowedIntDowncast: (a: Say) =>
    `${a.raw("value")} does not fit in ${a.raw("bits")} bits: the amount is too large for the protocol.`,
  SafeCastOverflowedUintDowncast: (a: Say) =>
    `${a.raw("value")} does not fit in ${a.raw("bits")} bits: the amount is too large for the protocol.`,
  InvalidShortString: () => "A stored short text is none: the contract was not set up rightly.",
  StringTooLong: (a: Say) => `"${a.raw("str")}" is longer than 31 bytes: shorten it.`,
  StringsInsufficientHexLength: (a: Say) =>
    `${a.raw("value")} does not fit in ${a.raw("length")} hex bytes: pass a smaller value.`,
  OwnableInvalidOwner: (a: Say) => `${a.raw("owner")} can't own the contract: name another.`,
  OwnableUnauthorizedAccount: (a: Say) =>
    `${a.raw("account")} does not own the contract: use its owner's account.`,

  SafeERC20FailedOperation: (a: Say) =>
    `The token ${a.raw("token")} refused a transfer or approval: check balance, allowance, and whether it blocks one of the accounts.`,
  ERC20InsufficientAllowance: (a: Say) =>
    `${a.raw("spender")} may take ${a.money("allowance")}, and ${a.money("needed")} is needed: approve it, or sign a permit.`,
  ERC20InsufficientBalance: (a: Say) =>
    `${a.raw("sender")} holds ${a.money("balance")}, and ${a.money("needed")} is needed: get more, or ask for less.`,
  ERC20InvalidApprover: (a: Say) => `${a.raw("approver")} can't approve: use an account.`,
  ERC20InvalidReceiver: (a: Say) => `${a.raw("receiver")} can't receive tokens: name another account.`,
  ERC20InvalidSender: (a: Say) => `${a.raw("sender")} can't send tokens: use an account.`,
  ERC20InvalidSpender: (a: Say) => `${a.raw("spender")} can't be approved: name another account.`,
  ERC2612ExpiredSignature: (a: Say) => `The permit was good until ${a.time("deadline")}: sign a new one.`,
  ERC2612InvalidSigner: (a: Say) =>
    `The permit is signed by ${a.raw("signer")}, not by ${a.raw("owner")}, or for another token or nonce: sign it anew.`,
  InvalidAccountNonce: (a: Say) =>
    `The next nonce of ${a.raw("account")} is ${a.raw("currentNonce")}: sign with that one.`,
  ECDSAInvalidSignature: () => `The signature is none: ${SIGN_AGAIN}.`,
  ECDSAInvalidSignatureLength: (a: Say) =>
    `The signature has ${a.raw("length")} bytes instead of 65: ${SIGN_AGAIN}.`,
  ECDSAInvalidSignatureS: () => `The signature is in a form that could be altered: ${SIGN_AGAIN}.`,

  ERC4626ExceededMaxDeposit: (a: Say) =>
    `The pool takes at most ${a.money("max")} now, and ${a.money("assets")} was to be deposited: deposit less.`,
  ERC4626ExceededMaxMint: (a: Say) =>
    `The pool issues at most ${a.raw("max")} share units now, and ${a.raw("shares")} were asked for: ask for fewer.`,
  ERC4626ExceededMaxRedeem: (a: Say) =>
    `${a.raw("owner")} can claim ${a.raw("max")} share units now, not ${a.raw("shares")}: request a redemption, and claim once its batch is fulfilled.`,
  ERC4626ExceededMaxWithdraw: (a: Say) =>
    `${a.raw("owner")} can claim ${a.money("max")} now, not ${a.money("assets")}: request a redemption, and claim once its batch is fulfilled.`,

  AccountBalanceOverflow: () => "The account can't hold more positions: use another account.",
  BalanceQueryForZeroAddress: () => "The zero address holds no positions: ask for another account's.",
  NotOwnerNorApproved: () =>
    "The caller neither owns the position nor is approved for it: use the owner's account, or have them approve.",
  TokenAlreadyExists: () => "The position exists already.",
  TokenDoesNotExist: () => "There is no such position: it was closed or liquidated, or never was.",
  TransferFromIncorrectOwner: () =>
    "The position belongs to somebody else than the sender named: read its owner.",
  TransferToNonERC721ReceiverImplementer: () =>
    "The receiving contract does not take positions: use transferFrom, or another receiver.",
  TransferToZeroAddress: () => "A position can't be given to the zero address: close it instead.",
  StreamsLookup: (a: Say) =>
    `The upkeep asks for the report of ${a.raw("feeds")} at ${a.raw("time")}: fetch it and call checkCallback; it is no failure.`,

  AccessManagerAlreadyScheduled: (a: Say) =>
    `Operation ${a.raw("operationId")} is scheduled already: wait for its time, or cancel it first.`,
  AccessManagerBadConfirmation: () => "To give up a role, name the caller's own account.",
  AccessManagerExpired: (a: Say) =>
    `Operation ${a.raw("operationId")} was not executed in time: schedule it again.`,
  AccessManagerInvalidInitialAdmin: (a: Say) =>
    `${a.raw("initialAdmin")} can't be the first admin: name an account.`,
  AccessManagerLockedFunction: (a: Say) =>
    `${a.raw("selector")} of the manager itself can't be given to a role.`,
  AccessManagerLockedRole: (a: Say) => `Role ${a.raw("roleId")} is fixed: use another.`,
  AccessManagerNotReady: (a: Say) =>
    `The delay of operation ${a.raw("operationId")} is not over: wait for its time.`,
  AccessManagerNotScheduled: (a: Say) =>
    `Operation ${a.raw("operationId")} is not scheduled: schedule it first.`,
  AccessManagerUnauthorizedAccount: (a: Say) =>
    `${a.raw("msgsender")} does not have role ${a.raw("roleId")}: use an account that has.`,
  AccessManagerUnauthorizedCall: (a: Say) =>
    `${a.raw("caller")} may not call ${a.raw("selector")} of ${a.raw("target")}: use an account with the role.`,
  AccessManagerUnauthorizedCancel: (a: Say) =>
    `${a.raw("msgsender")} may not cancel what ${a.raw("caller")} scheduled: its caller, an admin or a guardian may.`,
  AccessManagerUnauthorizedConsume: (a: Say) =>
    `${a.raw("target")} does not say that it uses up scheduled operations: it is no managed contract.`,
};
