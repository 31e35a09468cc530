// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {FixedMath} from "../../contracts/libraries/math/FixedMath.sol";
import {ProtectionMath} from "../../contracts/libraries/math/ProtectionMath.sol";
import {BaseTest} from "../shared/BaseTest.sol";

contract ProtectionMathTest is BaseTest {
    uint256 private constant WAD = 1e18;
    uint256 private constant MAX_MONEY = type(uint96).max;

    function testFuzz_topUpReachesTheTargetAndNotAUnitMore(
        int256 equity,
        uint256 notional,
        uint256 target,
        uint256 fee
    ) public pure {
        (equity, notional, target) = _state(equity, notional, target);
        fee = bound(fee, 0, MAX_MONEY);
        uint256 amount = ProtectionMath.topUp(equity, notional, target, fee);
        int256 after_ = equity + int256(amount) - int256(fee);
        assertGe(after_ * int256(WAD), int256(notional * target));
        if (amount != 0) assertLt((after_ - 1) * int256(WAD), int256(notional * target));
    }

    function testFuzz_isDueExactlyAtAndBelowTheTrigger(
        int256 equity,
        uint256 notional,
        uint256 trigger
    ) public pure {
        (equity, notional, trigger) = _state(equity, notional, trigger);
        assertEq(
            ProtectionMath.isDue(equity, notional, trigger),
            equity * int256(WAD) <= int256(notional * trigger)
        );
    }

    function testFuzz_reductionReachesTheTargetAfterTheFee(
        uint256 notional,
        uint256 equityShare,
        uint256 target,
        uint256 fee
    ) public pure {
        notional = bound(notional, 1e6, MAX_MONEY);
        target = bound(target, 0.01e18, 0.5e18);
        uint256 takerFee = 0.0005e18;
        int256 equity = int256((notional * bound(equityShare, 0.001e18, 1e18)) / WAD);
        fee = bound(fee, 0, notional / 1_000);
        // As many base units as money: then closing a size closes as much notional.
        uint256 closed = ProtectionMath.reduction(notional, equity, notional, target, fee, takerFee);
        assertLe(closed, notional);
        if (closed == notional) return;
        int256 left = equity - int256(fee) - int256(FixedMath.mulWadUp(closed, takerFee));
        assertGe(left + 1, int256(FixedMath.mulWadUp(notional - closed, target)));
    }

    function _state(
        int256 equity,
        uint256 notional,
        uint256 ratio
    ) private pure returns (int256, uint256, uint256) {
        return (
            bound(equity, -int256(MAX_MONEY), int256(MAX_MONEY)),
            bound(notional, 0, MAX_MONEY),
            bound(ratio, 0, WAD)
        );
    }
}
