// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC165} from "@openzeppelin/contracts/interfaces/IERC165.sol";
import {IERC4626} from "@openzeppelin/contracts/interfaces/IERC4626.sol";
import {IERC7540Operator, IERC7540Redeem, IERC7575Share, IERC7887Redeem} from "./IERC7540.sol";

/// @notice The pool: a vault of liquidity providers, counterparty of all traders of one market. ERC-4626 on the way
/// in, ERC-7540 on the way out: `requestRedeem`, then after one to two periods anyone calls `fulfillRedeems`, then
/// `redeem` or `withdraw` pays. Deposits are priced at the highest net asset value over the oracle's uncertainty band,
/// redemptions at the lowest. Shares have 6 decimals more than the token (virtual shares against inflation attacks).
interface ILiquidityVault is
    IERC4626,
    IERC165,
    IERC7540Operator,
    IERC7540Redeem,
    IERC7575Share,
    IERC7887Redeem
{
    /// @notice Pool money moved into the margin vault to pay traders.
    event Provided(uint256 amount);

    /// @notice The pool's claim in the margin vault was brought home.
    event Collected(uint256 amount);

    /// @notice Of the `shares` of a batch `redeemed` were burned for `assets` at the index price `price`; the others are
    /// in the next batch.
    event RedeemsFulfilled(
        uint256 indexed batch,
        uint256 shares,
        uint256 redeemed,
        uint256 assets,
        uint256 price
    );

    /// @notice Tokens that count as pool cash, as the market has them recorded; donations don't.
    function cash() external view returns (uint256);

    /// @notice cash + the pool's claim in the margin vault, token units: all money it can pay with.
    function poolAssets() external view returns (uint256);

    /// @notice poolAssets − net trader PnL + carry at `price`, token units; can be negative.
    function netAssetValue(uint256 price) external view returns (int256);

    /// @notice Tokens set aside for shares that were redeemed, until they are claimed; no part of the pool any more.
    function reservedAssets() external view returns (uint256);

    /// @notice Seconds a batch of requests waits once it is closed; it is open for as long before. Fixed.
    function redemptionPeriod() external view returns (uint256);

    /// @notice Number of the batch that is fulfilled next. Requests join the one after it, but for the first.
    function currentBatch() external view returns (uint256);

    /// @notice Shares requested in a batch that is not fulfilled yet, or of one that is, those whose controllers have not
    /// taken up their part.
    function sharesInBatch(uint256 batch) external view returns (uint256);

    /// @notice The current batch is fulfilled at a price observed at this time or later, seconds.
    function fulfillableFrom() external view returns (uint256);

    /// @notice Whether `fulfillRedeems` would go through: shares wait, their time has come, there is a fresh price observed
    /// since, and no outage is noted whose grace period is not over. Never reverts.
    function isFulfillable() external view returns (bool);

    /// @notice Redeems the current batch at the lowest value over the band, rounded down: all of it if what does not
    /// back positions pays for it, else the part that it pays for, the same of every request. Anyone.
    /// Reverts: RedeemBatchNotDue, and what the token reverts with if money has to be brought home for it.
    /// @return redeemed Shares burned.
    /// @return assets Token units set aside for them.
    function fulfillRedeems() external returns (uint256 redeemed, uint256 assets);

    /// @notice Brings what a controller has in redemption up to the current batch, by `batches` steps at most. Requests,
    /// cancellations and claims do all of them; this is for one that went through more partial batches than fit into one
    /// transaction: about 12,500 gas each. Anyone.
    function takeUp(address controller, uint256 batches) external;

    /// @notice Moves `amount` of cash into the pool's claim, to pay traders from. Market only.
    /// Reverts: Unauthorized, the token's own errors.
    function provide(uint256 amount) external;

    /// @notice Turns the pool's claim into cash, as far as the market can record it. Anyone. Returns the amount, token
    /// units. Reverts: the token's own errors.
    function collect() external returns (uint256);
}
