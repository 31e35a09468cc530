// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {MarketFlags} from "../libraries/MarketFlags.sol";
import {Events} from "../libraries/Events.sol";
import {Flow} from "../libraries/Flow.sol";
import {FixedMath} from "../libraries/math/FixedMath.sol";
import {PoolMath} from "../libraries/math/PoolMath.sol";
import {MarketParams} from "../types/MarketParams.sol";
import {Payment} from "../types/Payment.sol";
import {State} from "./MarketStorage.sol";
import {Positions} from "./Positions.sol";

/// @notice What one position settles at once, token units.
/// @param balance The position's balance before.
/// @param result Owed by the pool (+) or to it (−): PnL after haircut, minus carry.
/// @param carryOwed The carry in it.
/// @param toKeeper Execution fee or liquidation reward, credited to `keeper`.
/// @param toPool Fees and premium for the pool.
struct Bill {
    uint256 balance;
    int256 result;
    int256 carryOwed;
    uint256 toKeeper;
    address keeper;
    uint256 toPool;
    uint256 toInsurance;
    uint256 toTreasury;
}

/// @notice The only mover of money between a position, the pool, insurance, treasury and keepers.
abstract contract Settlement is Positions {
    /// @dev Part of the pool's cash moved along with a payout: 1/64.
    uint256 private constant FLOAT_DIVISOR = 64;

    /// @dev Settles a bill from the position's own balance, in this order: loss, keeper, pool, insurance, treasury;
    /// each gets what is left at most. With an owner given the position is closed: its id dies and what is left goes
    /// to the owner.
    /// @return left The balance after.
    /// @return badDebt Loss the balance could not pay.
    /// @return unpaidKeeper Part of `toKeeper` it could not pay.
    function _settle(
        uint256 positionId,
        Bill memory bill,
        State memory state,
        address closeTo
    ) internal returns (uint256 left, uint256 badDebt, uint256 unpaidKeeper) {
        Payment memory payment;
        payment.keeper = bill.keeper;
        (left, badDebt) = _allocate(payment, bill);
        unpaidKeeper = bill.toKeeper - payment.toKeeper;
        state.poolAssets = state.poolAssets + payment.toPool - payment.fromPool;
        _count(state.flows, bill, payment, badDebt);
        if (payment.fromPool != 0) _fundPoolClaim(payment.fromPool, state);
        if (closeTo == address(0)) {
            marginVault.settle(positionId, payment);
        } else {
            _burn(positionId);
            marginVault.close(positionId, payment, closeTo);
        }
    }

    /// @dev Counts what a payment is made of.
    function _count(
        uint256[12] memory flows,
        Bill memory bill,
        Payment memory payment,
        uint256 badDebt
    ) private pure {
        // Amounts of money; the differences wrap back.
        unchecked {
            // What the pool got beyond the loss that was paid, or kept of the profit.
            flows[Flow.FEES] += payment.toPool + badDebt + uint256(bill.result) - payment.fromPool;
            flows[Flow.BAD_DEBT] += badDebt;
            int256 realised = bill.result + bill.carryOwed;
            if (realised > 0) flows[Flow.PNL_PAID] += uint256(realised);
            else flows[Flow.PNL_RECEIVED] += uint256(-realised);
            if (bill.carryOwed > 0) flows[Flow.CARRY_RECEIVED] += uint256(bill.carryOwed);
            else flows[Flow.CARRY_PAID] += uint256(-bill.carryOwed);
        }
    }

    /// @dev Fills a payment from a bill; returns what is left of the balance and the loss it could not pay.
    function _allocate(
        Payment memory payment,
        Bill memory bill
    ) private pure returns (uint256 left, uint256 badDebt) {
        uint256 loss = FixedMath.abs(bill.result);
        uint256 profit;
        if (bill.result > 0) (profit, loss) = (loss, 0);
        left = bill.balance + profit;
        // Each subtrahend is at most what it is taken from.
        unchecked {
            uint256 paid = FixedMath.min(loss, left);
            badDebt = loss - paid;
            left -= paid;
            payment.toKeeper = FixedMath.min(bill.toKeeper, left);
            left -= payment.toKeeper;
            uint256 toPool = FixedMath.min(bill.toPool, left);
            left -= toPool;
            payment.toInsurance = FixedMath.min(bill.toInsurance, left);
            left -= payment.toInsurance;
            payment.toTreasury = FixedMath.min(bill.toTreasury, left);
            left -= payment.toTreasury;
            // What pool and position owe each other is paid in one direction.
            toPool += paid;
            if (profit > toPool) payment.fromPool = profit - toPool;
            else payment.toPool = toPool - profit;
        }
    }

    /// @dev Insurance pays bad debt first; the pool bears the rest, which it never received.
    function _coverBadDebt(
        uint256 positionId,
        uint256 badDebt,
        State memory state
    ) internal returns (uint256 fromInsurance) {
        if (badDebt == 0) return 0;
        fromInsurance = insuranceFund.cover(address(liquidityVault), badDebt);
        state.poolAssets += fromInsurance;
        state.flows[Flow.INSURED] += fromInsurance;
        emit Events.BadDebtRealised(positionId, badDebt, fromInsurance, badDebt - fromInsurance);
    }

    /// @dev Tops the pool's claim up to `amount` from its cash, with more than is missing, so that the next profits
    /// need no transfer.
    function _fundPoolClaim(uint256 amount, State memory state) internal {
        uint256 claim = marginVault.claimOf(address(liquidityVault));
        if (claim >= amount) return;
        uint256 cash = state.carry.poolCash;
        uint256 moved = FixedMath.min(amount - claim + cash / FLOAT_DIVISOR, cash);
        // At most the cash there was.
        state.carry.poolCash = uint96(cash - moved);
        // At once: a token that calls out must not see the money twice.
        _carry.poolCash = uint96(cash - moved);
        liquidityVault.provide(moved);
    }

    /// @dev What the pool settles for a PnL and carry: profit after the haircut, never more than the pool has.
    function _resultOf(
        int256 pnl,
        int256 carryOwed,
        int256 sidePnl,
        State memory state
    ) internal pure returns (int256) {
        return PoolMath.netResult(pnl, carryOwed, sidePnl, state.poolAssets, state.params.maxPayoutShare);
    }

    /// @dev Raises the initial ratio of what a verb works with, if the breaker has it that new risk needs more.
    function _elevate(State memory state) internal pure {
        if (MarketFlags.levelOf(state.carry.flags) == MarketFlags.NORMAL) return;
        MarketParams memory p = state.params;
        // At most five times what is at most 50 % and 18.
        p.initialBase = uint64(
            FixedMath.min(FixedMath.mulWadUp(p.initialBase, p.elevatedFactor), type(uint64).max)
        );
        p.initialSlope = uint64(
            FixedMath.min(FixedMath.mulWadUp(p.initialSlope, p.elevatedFactor), type(uint64).max)
        );
    }
}
