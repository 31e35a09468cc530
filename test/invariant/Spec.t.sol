// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {PricingMath} from "../../contracts/libraries/math/PricingMath.sol";
import {MarketParams} from "../../contracts/types/MarketParams.sol";
import {Properties} from "./Properties.sol";
import {Unwinder} from "./Unwinder.sol";

/// @notice The actors of a run, calm or not. One contract for both, and deployed from its artifact: the compiler takes
/// long over it.
contract Actors is Unwinder {
    /// @dev Whether the market has no carry and its price stands still.
    bool private _isCalm;

    constructor(uint256 poolMoney, uint256 insuranceMoney, bool isCalm) {
        _isCalm = isCalm;
        _createWorld(poolMoney, insuranceMoney);
    }

    /// @notice In a calm market only what traders and keepers do.
    function actions() public view override returns (bytes4[] memory list) {
        if (!_isCalm) return super.actions();
        bytes4[10] memory all = [
            this.open.selector,
            this.increase.selector,
            this.decrease.selector,
            this.close.selector,
            this.settle.selector,
            this.removeCollateral.selector,
            this.transfer.selector,
            this.liquidate.selector,
            this.drift.selector,
            this.wait.selector
        ];
        list = new bytes4[](all.length);
        for (uint256 i; i < all.length; ++i) list[i] = all[i];
    }

    /// @notice What pool, insurance and treasury have beyond `start`, less traders' unrealised profit, token units.
    function houseGain(uint256 start) external view returns (int256) {
        (int256 netPnl, ) = market.traderResult(_indexPrice());
        uint256 money = pool.poolAssets() + insurance.available() + vault.claimOf(treasury);
        return int256(money) - int256(start) - netPnl;
    }

    /// @notice Impact that trades back to a balanced market would be paid, token units.
    function refundable() external view returns (int256) {
        int256 long = int256(uint256(market.side(true).openInterest));
        int256 skew = long - int256(uint256(market.side(false).openInterest));
        return PricingMath.impact(0, skew, _p.depth, _p.maxPremium, _indexPrice(), market.quoteScale());
    }

    function _params() internal view override returns (MarketParams memory params) {
        params = super._params();
        if (_isCalm) (params.maxBorrowRate, params.maxFundingRate, params.maxFundingVelocity) = (0, 0, 0);
    }

    function _nextAnswer(uint256 move) internal view override returns (int256) {
        return _isCalm ? int256(_lastAnswer()) : super._nextAnswer(move);
    }
}

/// @notice What holds while the price stands still.
contract FixedPriceSpecTest is Properties {
    uint256 private constant POOL = 2_000_000e6;
    uint256 private constant INSURANCE = 20_000e6;

    Actors private _calm;

    function setUp() public {
        _calm = Actors(deployCode("Spec.t.sol:Actors", abi.encode(POOL, INSURANCE, true)));
        _watch(_calm);
    }

    /// @notice I31: at a fixed price no set of actors gains: what traders paid covers all that impact would pay back,
    /// but for a unit of rounding a position. I10, I26: nor does any position become liquidatable, whatever its owner
    /// does.
    function invariant_nobodyGainsAtAFixedPrice() public view {
        uint256[] memory ids = handler.liveIds();
        int256 slack = int256(ids.length) + 1;
        assertGe(_calm.houseGain(POOL + INSURANCE) + slack, _calm.refundable(), "I31");
        (uint256 price, , ) = handler.oracle().peek();
        for (uint256 i; i < ids.length; ++i) {
            if (market.position(ids[i]).size == 0) continue;
            int256 required = int256(handler.maintenanceOf(ids[i], price));
            assertGe(handler.equityOf(ids[i], price), required, "I10: liquidatable at a fixed price");
        }
    }
}

/// @notice Every property of the market, after every action of a random run.
contract SpecTest is Properties {
    /// @dev Calls of the fixed sequence: so many at least, then on until every outcome was reached, so many at most.
    uint256 private constant LEAST_STEPS = 10_000;
    uint256 private constant MOST_STEPS = 40_000;

    function setUp() public {
        bytes memory money = abi.encode(2_000_000e6, 20_000e6, false);
        _watch(Unwinder(deployCode("Spec.t.sol:Actors", money)));
    }

    /// @notice All properties that hold between actions; `Effects` holds each action to what it may change.
    function invariant_everyPropertyHoldsAfterEveryAction() public view {
        requireAll();
    }

    /// @notice I26: at the end of a run everyone can leave, and nothing stays behind.
    function afterInvariant() public {
        handler.unwind();
        requireAll();
        requireEmpty();
    }

    /// @notice The same over a fixed sequence that goes on until every outcome there is was reached: the properties are not
    /// true for want of trying.
    function test_everyOutcomeIsReachedAndEveryPropertyHolds() public {
        bytes4[] memory actions = handler.actions();
        for (uint256 i; i < MOST_STEPS; ++i) {
            if (i >= LEAST_STEPS && i % 250 == 0 && bytes(_missed()).length == 0) break;
            bytes32 random = keccak256(abi.encode("coverage", i));
            bytes4 action = actions[uint256(random) % actions.length];
            handler.step(action, random);
            // From outside, so that the memory of each check is freed.
            this.requireAll();
        }
        handler.unwind();
        this.requireAll();
        requireEmpty();
        assertEq(_missed(), "", "never reached");
    }

    /// @dev Every outcome that was not reached, told at once: short strings in a bytes32.
    function _missed() private view returns (string memory missed) {
        bytes32[] memory outcomes = handler.outcomes();
        for (uint256 i; i < outcomes.length; ++i) {
            if (handler.reached(outcomes[i]) == 0)
                missed = string.concat(missed, " ", string(abi.encodePacked(outcomes[i])));
        }
    }
}
