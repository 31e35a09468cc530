// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IGovernanceModule} from "../interfaces/IGovernanceModule.sol";
import {Counters} from "../libraries/Counters.sol";
import {Flow} from "../libraries/Flow.sol";
import {MarketFlags} from "../libraries/MarketFlags.sol";
import {BreakerMath} from "../libraries/math/BreakerMath.sol";
import {CarryMath} from "../libraries/math/CarryMath.sol";
import {PositionMath} from "../libraries/math/PositionMath.sol";
import {MarketParams} from "../types/MarketParams.sol";
import {Carry, Side} from "../types/Position.sol";
import {State} from "./MarketStorage.sol";
import {Parameters} from "./Parameters.sol";

/// @notice What a verb works with: carry, breaker and parameters as of now; the only writer of carry, and of the pool's
/// counters along with it.
abstract contract Accrual is Parameters {
    using SafeCast for uint256;
    using SafeCast for int256;

    /// @dev What a verb works with; `positionId` is 0 for verbs that aren't about one position.
    function _load(uint256 price, uint256 positionId) internal view returns (State memory state) {
        state.price = price;
        Carry memory c = _carry;
        _fillParams(state.params, c.paramVersion, block.timestamp);
        _accrueInto(state, c);
        _watch(state.carry, state.params, price);
        if (positionId == 0) state.poolAssets = marginVault.claimOf(address(liquidityVault));
        else (state.balance, state.poolAssets) = marginVault.accountOf(positionId);
        state.poolAssets += state.carry.poolCash;
    }

    /// @dev Brings the breaker up to now.
    function _watch(Carry memory c, MarketParams memory p, uint256 price) internal view {
        if (price == 0) return;
        (uint256 level, bool restarts, bool follows) = BreakerMath.nextLevel(
            MarketFlags.levelOf(c.flags),
            BreakerMath.unpack(c.anchor),
            block.timestamp - c.anchorAt,
            price,
            p.elevatedMove,
            p.haltedMove,
            p.breakerWindow,
            p.coolDown
        );
        if (follows) c.anchor = BreakerMath.pack(price);
        if (!restarts) return;
        c.anchorAt = uint32(block.timestamp);
        c.flags = MarketFlags.withLevel(c.flags, level);
    }

    /// @dev Takes back what an old price has told the breaker.
    function _unwatch(Carry memory c) internal view {
        (c.anchor, c.anchorAt, c.flags) = (_carry.anchor, _carry.anchorAt, _carry.flags);
    }

    /// @dev Whether liquidations resume after an outage. The first who comes after it starts the grace period, the first
    /// after that ends it.
    function _resume(State memory state) internal returns (bool) {
        if (_resumesAt == 0) {
            _resumesAt = block.timestamp + state.params.gracePeriod;
            emit IGovernanceModule.OutageOver(_resumesAt);
        }
        if (block.timestamp < _resumesAt) return false;
        state.carry.flags &= ~MarketFlags.OUTAGE;
        _carry.flags &= ~MarketFlags.OUTAGE;
        return true;
    }

    /// @dev Carry as of `time`. Skew and rates have been constant since the last accrual.
    function _accrued(
        Carry memory c,
        MarketParams memory params_,
        uint256 price,
        uint256 time
    ) internal view returns (Carry memory) {
        uint256 elapsed = time - c.updatedAt;
        if (elapsed == 0) return c;
        int256 velocity = CarryMath.velocity(_skew(), params_.depth, params_.maxFundingVelocity);
        (int256 rate, int256 funding) = CarryMath.integrateFunding(
            c.fundingRate,
            velocity,
            params_.maxFundingRate,
            elapsed
        );
        int256 longIntegral = funding + int256(c.longBorrowRate * elapsed);
        int256 shortIntegral = -funding + int256(c.shortBorrowRate * elapsed);
        c.fundingRate = rate.toInt40();
        c.longIndex = CarryMath.moveIndex(c.longIndex, longIntegral, price);
        c.shortIndex = CarryMath.moveIndex(c.shortIndex, shortIntegral, price);
        c.updatedAt = uint32(time);
        return c;
    }

    /// @dev Brings carry up to now and counts what it grows by, for the sizes held meanwhile, each part rounded down.
    function _accrueInto(State memory state, Carry memory c) private view {
        uint256 elapsed = block.timestamp - c.updatedAt;
        (int96 longIndex, int96 shortIndex) = (c.longIndex, c.shortIndex);
        state.carry = c = _accrued(c, state.params, state.price, block.timestamp);
        uint256[12] memory flows = state.flows;
        _countSide(flows, _longSide, longIndex, c.longIndex, c.longBorrowRate * elapsed, state.price);
        _countSide(flows, _shortSide, shortIndex, c.shortIndex, c.shortBorrowRate * elapsed, state.price);
        uint256 scale = quoteScale;
        flows[Flow.BORROW] /= scale;
        flows[Flow.FUNDING_RECEIVED] /= scale;
        flows[Flow.FUNDING_PAID] /= scale;
    }

    /// @dev A side's part, wad × wad.
    function _countSide(
        uint256[12] memory flows,
        Side storage s,
        int96 before,
        int96 later,
        uint256 borrowIntegral,
        uint256 price
    ) private view {
        (uint256 borrow, int256 funding) = CarryMath.splitMove(before, later, borrowIntegral, price);
        // Sizes of 128 bits, moves of 112 at most.
        unchecked {
            uint256 size = s.openInterest;
            flows[Flow.BORROW] += size * borrow;
            if (funding > 0) flows[Flow.FUNDING_RECEIVED] += size * uint256(funding);
            else flows[Flow.FUNDING_PAID] += size * uint256(-funding);
        }
    }

    /// @dev Stores carry, with borrow rates for the time from now on, and what the verb has counted. Every verb that
    /// settles ends here.
    function _saveCarry(State memory state) internal {
        Carry memory c = state.carry;
        c.longBorrowRate = _borrowRate(_longSide, state);
        c.shortBorrowRate = _borrowRate(_shortSide, state);
        _carry = c;
        Counters.add(_flows, state.flows);
    }

    function _sideCarry(Side storage s, int256 index) internal view returns (int256) {
        return CarryMath.sideCarry(s.openInterest, index, s.carrySum, quoteScale);
    }

    function _borrowRate(Side storage s, State memory state) private view returns (uint40) {
        uint256 notional = PositionMath.quoteUp(s.openInterest, state.price, quoteScale);
        // At most maxBorrowRate, which ParamChecks keeps under 2^40.
        return uint40(CarryMath.borrowRate(notional, state.poolAssets, state.params.maxBorrowRate));
    }
}
