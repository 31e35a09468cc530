// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Events} from "../libraries/Events.sol";
import {FixedMath} from "../libraries/math/FixedMath.sol";
import {PoolMath} from "../libraries/math/PoolMath.sol";
import {Payment} from "../types/Payment.sol";
import {Accrual} from "./Accrual.sol";
import {State} from "./MarketStorage.sol";

/// @notice What one position settles at once, token units.
/// @param balance The position's balance before.
/// @param result Owed by the pool (+) or to it (−): PnL after haircut, minus carry.
/// @param toKeeper Execution fee or liquidation reward, credited to `keeper`.
/// @param toPool Fees and premium for the pool.
struct Bill {
    uint256 balance;
    int256 result;
    uint256 toKeeper;
    address keeper;
    uint256 toPool;
    uint256 toInsurance;
    uint256 toTreasury;
}

/// @notice The only mover of money between a position, the pool, insurance, treasury and keepers.
abstract contract Settlement is Accrual {
    /// @dev Pays a bill from the position's own balance, in this order: loss, keeper, pool, insurance, treasury;
    /// each gets what is left at most.
    /// @return left The balance after.
    /// @return badDebt Loss the balance could not pay.
    /// @return unpaidKeeper Part of `toKeeper` it could not pay.
    function _settle(
        uint256 positionId,
        Bill memory bill,
        State memory state
    ) internal returns (uint256 left, uint256 badDebt, uint256 unpaidKeeper) {
        uint256 profit = bill.result > 0 ? uint256(bill.result) : 0;
        uint256 loss = bill.result < 0 ? uint256(-bill.result) : 0;
        left = bill.balance + profit;

        uint256 paid = FixedMath.min(loss, left);
        badDebt = loss - paid;
        left -= paid;
        uint256 toKeeper = FixedMath.min(bill.toKeeper, left);
        unpaidKeeper = bill.toKeeper - toKeeper;
        left -= toKeeper;
        uint256 toPool = FixedMath.min(bill.toPool, left);
        left -= toPool;
        uint256 toInsurance = FixedMath.min(bill.toInsurance, left);
        left -= toInsurance;
        uint256 toTreasury = FixedMath.min(bill.toTreasury, left);
        left -= toTreasury;

        toPool += paid;
        state.poolAssets = state.poolAssets + toPool - profit;
        if (profit > toPool) {
            _creditFromPool(positionId, profit - toPool);
            toPool = 0;
        } else {
            toPool -= profit;
        }

        marginVault.pay(positionId, Payment(toPool, toInsurance, toTreasury, toKeeper, bill.keeper));
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
        emit Events.BadDebtRealised(positionId, badDebt, fromInsurance, badDebt - fromInsurance);
    }

    function _creditFromPool(uint256 positionId, uint256 amount) internal {
        liquidityVault.provide(amount);
        marginVault.credit(positionId, amount);
    }

    /// @dev What the pool settles for a PnL and carry: profit after the haircut, never more than the pool has.
    function _resultOf(
        int256 pnl,
        int256 carryOwed,
        bool isLong,
        State memory state
    ) internal view returns (int256 result) {
        result = pnl - carryOwed;
        if (pnl > 0) {
            int256 sidePnl = _sidePnl(isLong, state.price);
            uint256 share = state.params.maxPayoutShare;
            result = int256(PoolMath.payout(uint256(pnl), sidePnl, state.poolAssets, share)) - carryOwed;
        }
        if (result > int256(state.poolAssets)) result = int256(state.poolAssets);
    }

    /// @dev Everything a closed position has left goes to its owner; the id dies.
    function _close(uint256 positionId, address owner, uint256 balance) internal {
        _burn(positionId);
        marginVault.withdraw(positionId, owner, balance);
    }
}
