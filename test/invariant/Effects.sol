// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Vm} from "@layerzerolabs/toolbox-foundry/lib/forge-std/Vm.sol";
import {Errors} from "../../contracts/libraries/Errors.sol";
import {FeeMath} from "../../contracts/libraries/math/FeeMath.sol";
import {MarketFlags} from "../../contracts/libraries/MarketFlags.sol";
import {FixedMath} from "../../contracts/libraries/math/FixedMath.sol";
import {Failure} from "../../contracts/types/Order.sol";
import {PoolYield} from "../../contracts/types/PoolYield.sol";
import {Carry} from "../../contracts/types/Position.sol";
import {World} from "./World.sol";
import {LiquidationReceipt} from "../../contracts/types/LiquidationReceipt.sol";

/// @notice What an action may change: the properties that compare the market before and after it.
abstract contract Effects is World {
    /// @dev Data of PositionIncreased and PositionDecreased, field by field.
    struct Increase {
        int256 sizeDelta;
        int256 newSize;
        uint256 newEntryNotional;
        uint256 price;
        int256 impact;
        uint256 fee;
        int256 carry;
        uint256 executionFee;
    }

    struct Decrease {
        int256 sizeDelta;
        int256 newSize;
        uint256 newEntryNotional;
        uint256 price;
        int256 impact;
        int256 pnl;
        int256 realised;
        uint256 fee;
        int256 carry;
        uint256 executionFee;
        uint256 badDebt;
    }

    /// @dev What a bill of a position pays, in the order loss, keeper, pool, insurance, treasury.
    struct Paid {
        uint256 badDebt;
        uint256 toKeeper;
        uint256 toPool;
        uint256 toInsurance;
        uint256 toTreasury;
        uint256 left;
    }

    /* EVERY ACTION */

    /// @dev I02, I09, I14, I20, I21: an action at one price and time changes the positions it names and no other,
    /// makes no other liquidatable, moves no carry index and never takes an id back.
    function _checkOthers(Picture memory w, uint256[] memory touched) internal {
        ++calls;
        roundings += 3 + touched.length;
        _checkYield();
        // No other action changes how many shares there are.
        if (pool.totalSupply() != w.shares) lpFlow += int256(pool.poolAssets()) - int256(w.poolAssets);
        (uint256 price, , ) = oracle.peek();
        assertEq(price, w.price, "I09: the price stands still");
        Carry memory c = market.carryAt(price);
        if (price != 0) {
            assertEq(c.longIndex, w.carry.longIndex, "I20: long index moved");
            assertEq(c.shortIndex, w.carry.shortIndex, "I20: short index moved");
            assertEq(c.fundingRate, w.carry.fundingRate, "I20: funding rate moved");
        }
        assertLe(FixedMath.abs(c.fundingRate), _p.maxFundingRate, "I21: funding rate beyond its bound");
        assertGe(market.nextPositionId(), w.nextPositionId, "I14: ids never go back");
        for (uint256 i; i < w.positions.length; ++i) {
            Snapshot memory s = w.positions[i];
            if (_contains(touched, s.id)) continue;
            Snapshot memory later = _snapshot(s.id, c, price);
            assertEq(later.balance, s.balance, "I02: another position's balance changed");
            assertEq(
                keccak256(abi.encode(later.record)),
                keccak256(abi.encode(s.record)),
                "I02: another position changed"
            );
            if (price != 0) assertTrue(s.liquidatable || !later.liquidatable, "I09: made liquidatable");
        }
        _forgetClosed();
    }

    /// @dev I39: no counter of the pool's yield ever falls.
    function _checkYield() private {
        PoolYield memory y = market.poolYield();
        PoolYield memory last = _lastYield;
        assertTrue(y.fees >= last.fees && y.borrow >= last.borrow, "I39: fees or borrow fell");
        assertGe(y.fundingReceived, last.fundingReceived, "I39: funding received fell");
        assertGe(y.fundingPaid, last.fundingPaid, "I39: funding paid fell");
        assertTrue(y.pnlReceived >= last.pnlReceived && y.pnlPaid >= last.pnlPaid, "I39: PnL fell");
        assertGe(y.carryReceived, last.carryReceived, "I39: carry received fell");
        assertGe(y.carryPaid, last.carryPaid, "I39: carry paid fell");
        assertTrue(y.badDebt >= last.badDebt && y.insured >= last.insured, "I39: bad debt fell");
        assertGe(y.rewards, last.rewards, "I39: rewards fell");
        _lastYield = y;
    }

    /// @dev I17: an action that is no trade takes nothing from a share.
    function _checkShareValue(Picture memory w) internal view {
        if (w.capped || _isCapped(w.price)) return;
        // (value + 1) / (supply + virtual shares) is the price of a share.
        int256 value = pool.netAssetValue(w.price);
        int256 later = (value + 1) * int256(w.shares + 1e6);
        int256 before = (w.value + 1) * int256(pool.totalSupply() + 1e6);
        if (w.value >= 0) assertGe(later, before, "I17: a share lost value");
    }

    /// @dev I03: a trade or a liquidation takes money from positions, never from a wallet.
    function _checkWallets(Picture memory w) internal view {
        for (uint256 i; i < accounts.length; ++i) {
            assertGe(token.balanceOf(accounts[i]), w.wallets[i], "I03: a wallet was debited");
        }
    }

    /// @dev I32: what was stored is what accruing at once would store, borrow rates included.
    function _checkRates(Picture memory w) internal {
        if (w.price == 0) return;
        Carry memory stored = market.carry();
        market.accrue();
        Carry memory later = market.carry();
        // An accrual may end an outage.
        later.flags = stored.flags;
        assertEq(
            keccak256(abi.encode(later)),
            keccak256(abi.encode(stored)),
            "I32: carry or rates not up to date"
        );
    }

    /// @dev I13: nothing is left of a closed position.
    function _checkGone(uint256 id) internal view {
        assertEq(market.ownerOrZero(id), address(0), "I13: token alive");
        assertEq(vault.balanceOf(id), 0, "I13: balance left");
        assertEq(market.position(id).size, 0, "I13: size left");
        assertEq(market.position(id).entryNotional, 0, "I13: entry left");
    }

    /* TRADES */

    /// @dev I08, I10, I15: an executed increase pays its bill to the unit, is healthy and within the cap.
    function _checkIncrease(Picture memory w, Snapshot memory s, Increase memory e) internal {
        uint256 id = s.id;
        _reach(s.record.size == 0 ? bytes32("opened") : bytes32("increased"));
        int256 result = -e.carry;
        if (result > int256(w.poolAssets)) result = int256(w.poolAssets);
        assertEq(
            int256(vault.balanceOf(id)),
            int256(s.balance) + result - int256(e.fee + e.executionFee),
            "I08: balance after an increase"
        );
        (uint256 toPool, , ) = FeeMath.splitFee(e.fee, _p.poolFeeShare, _p.insuranceFeeShare);
        assertEq(
            int256(pool.poolAssets()),
            int256(w.poolAssets) - result + int256(toPool),
            "I08: carry is not zero-sum"
        );
        _checkRates(w);
        assertFalse(MarketFlags.isReduceOnly(w.carry.flags), "I38: new risk in a market that takes none");
        if (_isElevated(w.price)) _reach("opened while elevated");
        assertGe(equityOf(id, w.price), int256(initialOf(id, w.price)), "I10: opened without margin");
        uint256 share = FixedMath.mulWadDown(w.poolAssets, _p.maxPositionShare);
        assertLe(notionalOf(id, w.price), share, "I15: position cap");
        uint256 sideNotional = FixedMath.mulDivUp(
            market.side(e.newSize > 0).openInterest,
            w.price,
            market.quoteScale()
        );
        assertLe(sideNotional, FixedMath.mulWadDown(w.poolAssets, _p.maxSideShare), "I15: cap");
    }

    /// @dev I03, I08, I13, I35: an executed decrease pays its bill to the unit; the owner of a closed position gets
    /// exactly what is left, and loses no more than the collateral.
    function _checkDecrease(
        Picture memory w,
        Snapshot memory s,
        Decrease memory e,
        address owner,
        address feeTo
    ) internal {
        assertLt(FixedMath.abs(e.newSize), FixedMath.abs(s.record.size), "I25: a decrease grew");
        assertTrue(e.newSize == 0 || (e.newSize > 0) == (s.record.size > 0), "I25: a decrease flipped");
        if (e.pnl > 0 && e.realised < e.pnl) _reach("haircut paid");
        (uint256 toPool, uint256 toInsurance, uint256 toTreasury) = FeeMath.splitFee(
            e.fee,
            _p.poolFeeShare,
            _p.insuranceFeeShare
        );
        int256 result = e.realised - e.carry;
        assertLe(result, int256(w.poolAssets), "I16: paid out more than the pool had");
        Paid memory paid = _pay(s.balance, result, e.executionFee, toPool, toInsurance, toTreasury);
        assertEq(e.badDebt, paid.badDebt, "I35: bad debt");
        _checkRates(w);
        uint256 cover = FixedMath.min(paid.badDebt, w.insurance + paid.toInsurance);
        assertEq(insurance.available(), w.insurance + paid.toInsurance - cover, "I29: insurance");
        assertEq(
            int256(pool.poolAssets()),
            int256(w.poolAssets) - result - int256(paid.badDebt) + int256(paid.toPool + cover),
            "I08: the pool's side of a decrease"
        );
        if (e.newSize != 0) {
            _reach("decreased");
            assertEq(vault.balanceOf(s.id), paid.left, "I08: balance after a decrease");
            assertEq(paid.badDebt, 0, "I35: bad debt of an open position");
            return;
        }
        _reach(
            e.badDebt != 0
                ? bytes32("closed with bad debt")
                : e.pnl > 0
                    ? bytes32("closed with profit")
                    : bytes32("closed with loss")
        );
        if (paid.badDebt != 0 && cover < paid.badDebt) _reach("insurance emptied");
        _checkGone(s.id);
        uint256 fee = feeTo == owner ? paid.toKeeper : 0;
        assertEq(_worthNow(owner), _worthOf(w, owner) + paid.left + fee, "I03: the owner's remainder");
    }

    /// @dev I26: a failed order changes nothing but the fee, which an open position can spare; a position that never
    /// opened is refunded in full.
    function _checkFailure(Picture memory w, Snapshot memory s, Failure reason) internal {
        bytes32[11] memory names = [
            bytes32("failed: none"),
            "failed: no price",
            "failed: position gone",
            "failed: owner changed",
            "failed: stale price",
            "failed: slippage",
            "failed: below minimum",
            "failed: open interest cap",
            "failed: insufficient margin",
            "failed: reduce only",
            "failed: position cap"
        ];
        _reach(names[uint256(reason)]);
        if (reason == Failure.ReduceOnly) assertTrue(MarketFlags.isReduceOnly(w.carry.flags), "I38");
        assertEq(pool.poolAssets(), w.poolAssets, "a failed order moved the pool");
        if (s.record.size == 0) return _checkGone(s.id);
        Snapshot memory later = _snapshot(s.id, market.carryAt(w.price), w.price);
        assertEq(keccak256(abi.encode(later.record)), keccak256(abi.encode(s.record)), "failed, yet changed");
        if (w.price != 0) assertTrue(s.liquidatable || !later.liquidatable, "a fee made it liquidatable");
        if (w.price != 0 && s.liquidatable)
            assertEq(later.balance, s.balance, "a fee took from a liquidatable position");
    }

    /* LIQUIDATIONS */

    /// @dev I03, I28, I29, I33, I35: one liquidation follows from its receipt to the unit. Returns what insurance has
    /// left and what the owner got.
    function _checkLiquidation(
        Snapshot memory s,
        LiquidationReceipt memory r,
        uint256 available,
        uint256 price
    ) internal returns (uint256, uint256) {
        assertEq(r.collateral, s.balance, "receipt: collateral");
        assertEq(int256(r.collateral) + r.pnl - r.carry, s.equity, "receipt: equity");
        assertEq(r.price, price, "receipt: price");
        assertGe(r.reward, _p.minKeeperReward, "I28: reward below its bound");
        assertLe(r.reward, _p.maxKeeperReward, "I28: reward above its bound");
        Paid memory paid = _pay(r.collateral, r.realised, r.reward, r.premium, r.insuranceFee, 0);
        uint256 unpaid = r.reward - paid.toKeeper;
        assertEq(r.badDebt, paid.badDebt, "I35: bad debt");
        available += paid.toInsurance;
        assertEq(r.badDebtFromInsurance, FixedMath.min(r.badDebt, available), "I35: insurance pays first");
        available -= r.badDebtFromInsurance;
        assertEq(r.rewardFromInsurance, FixedMath.min(unpaid, available), "I29: reward from insurance");
        available -= r.rewardFromInsurance;
        assertLe(r.rewardFromPool, unpaid - r.rewardFromInsurance, "I28: reward paid twice");

        if (r.badDebt != 0) _reach("liquidated with bad debt");
        if (r.badDebt > r.badDebtFromInsurance) _reach("insurance emptied");
        if (r.rewardFromInsurance != 0) _reach("reward from insurance");
        if (r.rewardFromPool != 0) _reach("reward from the pool");
        if (r.newSize == 0) {
            _reach("liquidated whole");
            _checkGone(s.id);
            return (available, paid.left);
        }
        _reach("liquidated partly");
        assertEq(r.newCollateral, paid.left, "receipt: collateral left");
        assertEq(vault.balanceOf(s.id), paid.left, "I03: balance after a partial liquidation");
        assertEq(r.badDebt, 0, "I35: bad debt of an open position");
        assertLt(FixedMath.abs(r.newSize), FixedMath.abs(s.record.size), "I33: not smaller");
        assertEq(r.newSize > 0, s.record.size > 0, "I33: flipped");
        int256 equity = equityOf(s.id, price);
        assertGe(equity, int256(targetOf(s.id, price)), "I33: not restored by one liquidation");
        return (available, 0);
    }

    /* REENTRANCY */

    /// @dev Lets the contract trader try calls during the next token transfers.
    function _arm(address[] memory targets, bytes[] memory attempts) internal {
        reenterer.plan(targets, attempts);
        token.setHook(address(reenterer), abi.encodeCall(reenterer.strike, ()));
    }

    function _disarm() internal {
        token.setHook(address(0), "");
        if (reenterer.tried() != 0) _reach("reentered");
        assertEq(reenterer.breaches(), 0, "a call went through in the middle of another");
    }

    /* HELPERS */

    /// @dev Requires a revert to be one of the named ones.
    function _requireError(bytes memory reason, bytes4[3] memory allowed) internal pure {
        // The first four bytes name the error.
        bytes4 selector = bytes4(reason);
        bool known = selector == allowed[0] || selector == allowed[1] || selector == allowed[2];
        if (!known) revert(string.concat("unexpected error ", vm.toString(reason)));
    }

    /// @dev The same for a longer list.
    function _requireOneOf(bytes memory reason, bytes4[9] memory allowed) internal pure {
        bytes4 selector = bytes4(reason);
        for (uint256 i; i < allowed.length; ++i) if (selector == allowed[i]) return;
        revert(string.concat("unexpected error ", vm.toString(reason)));
    }

    function _requireOracleError(bytes memory reason) internal pure {
        _requireError(
            reason,
            [
                Errors.OracleStale.selector,
                Errors.OracleAnswerOutOfBounds.selector,
                Errors.OracleRoundIncomplete.selector
            ]
        );
    }

    function _logWith(Vm.Log[] memory logs, bytes32 topic) internal pure returns (bool, bytes memory) {
        for (uint256 i; i < logs.length; ++i) if (logs[i].topics[0] == topic) return (true, logs[i].data);
        return (false, "");
    }

    function _contains(uint256[] memory list, uint256 x) internal pure returns (bool) {
        for (uint256 i; i < list.length; ++i) if (list[i] == x) return true;
        return false;
    }

    function _only(uint256 id) internal pure returns (uint256[] memory list) {
        list = new uint256[](1);
        list[0] = id;
    }

    function _worthNow(address account) internal view returns (uint256) {
        return token.balanceOf(account) + vault.claimOf(account);
    }

    function _forgetClosed() private {
        for (uint256 i = _ids.length; i > 0; --i) {
            if (market.ownerOrZero(_ids[i - 1]) != address(0)) continue;
            _ids[i - 1] = _ids[_ids.length - 1];
            _ids.pop();
        }
    }

    function _pay(
        uint256 balance,
        int256 result,
        uint256 keeperFee,
        uint256 toPool,
        uint256 toInsurance,
        uint256 toTreasury
    ) private pure returns (Paid memory paid) {
        int256 money = int256(balance) + result;
        paid.badDebt = money < 0 ? uint256(-money) : 0;
        paid.left = money > 0 ? uint256(money) : 0;
        (paid.toKeeper, paid.left) = _portion(keeperFee, paid.left);
        (paid.toPool, paid.left) = _portion(toPool, paid.left);
        (paid.toInsurance, paid.left) = _portion(toInsurance, paid.left);
        (paid.toTreasury, paid.left) = _portion(toTreasury, paid.left);
    }

    function _portion(uint256 asked, uint256 left) private pure returns (uint256, uint256) {
        uint256 part = FixedMath.min(asked, left);
        return (part, left - part);
    }
}
