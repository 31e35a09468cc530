// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IPerpMarket, ITraderLedger} from "../interfaces/IPerpMarket.sol";
import {ParamStore} from "../libraries/ParamStore.sol";
import {CarryMath} from "../libraries/math/CarryMath.sol";
import {FixedMath} from "../libraries/math/FixedMath.sol";
import {PositionMath} from "../libraries/math/PositionMath.sol";
import {MarketParams} from "../types/MarketParams.sol";
import {Carry, Position, Side} from "../types/Position.sol";
import {MarketStorage, State} from "./MarketStorage.sol";

/// @notice The only writer of carry indices and side sums.
abstract contract Accrual is MarketStorage {
    using SafeCast for uint256;
    using SafeCast for int256;

    /// @inheritdoc ITraderLedger
    function accrue() external nonReentrant {
        (uint256 price, , ) = oracle.peek();
        if (price != 0) _saveCarry(_load(price, 0));
    }

    /// @inheritdoc ITraderLedger
    function addPoolCash(uint256 amount) external onlyPool nonReentrant {
        _carry.poolCash += amount.toUint128();
    }

    /// @inheritdoc ITraderLedger
    function takePoolCash(uint256 amount) external onlyPool nonReentrant {
        _carry.poolCash -= amount.toUint128();
    }

    /// @inheritdoc ITraderLedger
    function poolCash() external view returns (uint256) {
        return _carry.poolCash;
    }

    /// @inheritdoc IPerpMarket
    function carryAt(uint256 price) external view returns (Carry memory) {
        return _accrued(_readParams(), price);
    }

    /// @inheritdoc ITraderLedger
    function traderResult(uint256 price) external view returns (int256 netPnl, int256 carryOwed) {
        Carry memory c = _accrued(_readParams(), price);
        netPnl = _sidePnl(true, price) + _sidePnl(false, price);
        carryOwed = _sideCarry(_longSide, c.longIndex) + _sideCarry(_shortSide, c.shortIndex);
    }

    /// @inheritdoc ITraderLedger
    function largerSideNotional(uint256 price) external view returns (uint256) {
        uint256 openInterest = FixedMath.max(_longSide.openInterest, _shortSide.openInterest);
        return PositionMath.quoteUp(openInterest, price, quoteScale);
    }

    function _readParams() internal view returns (MarketParams memory params_) {
        ParamStore.read(_paramStore, params_);
    }

    /// @dev What a verb works with; `positionId` is 0 for verbs that aren't about one position.
    function _load(uint256 price, uint256 positionId) internal view returns (State memory state) {
        state.price = price;
        ParamStore.read(_paramStore, state.params);
        state.carry = _accrued(state.params, price);
        if (positionId == 0) state.poolAssets = marginVault.claimOf(address(liquidityVault));
        else (state.balance, state.poolAssets) = marginVault.accountOf(positionId);
        state.poolAssets += state.carry.poolCash;
    }

    /// @dev Carry as of now. Skew and rates have been constant since the last accrual.
    function _accrued(MarketParams memory params_, uint256 price) internal view returns (Carry memory c) {
        c = _carry;
        uint256 elapsed = block.timestamp - c.updatedAt;
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
        c.updatedAt = uint40(block.timestamp);
    }

    /// @dev Stores carry, with borrow rates for the time from now on.
    function _saveCarry(State memory state) internal {
        Carry memory c = state.carry;
        c.longBorrowRate = _borrowRate(_longSide, state);
        c.shortBorrowRate = _borrowRate(_shortSide, state);
        _carry = c;
    }

    /// @dev Replaces a position's record and moves the side sums by the same integers.
    function _savePosition(uint256 positionId, Position memory before, Position memory later) internal {
        Side storage s = _sideOf(before.size == 0 ? later.size > 0 : before.size > 0);
        uint256 sizeBefore = FixedMath.abs(before.size);
        uint256 sizeLater = FixedMath.abs(later.size);
        s.openInterest = (s.openInterest + sizeLater - sizeBefore).toUint128();
        s.entryNotional = (uint256(s.entryNotional) + later.entryNotional - before.entryNotional).toUint128();
        s.carrySum += int256(sizeLater) * later.carryIndex - int256(sizeBefore) * before.carryIndex;
        _writePosition(positionId, later);
    }

    function _sideCarry(Side storage s, int256 index) private view returns (int256) {
        return CarryMath.sideCarry(s.openInterest, index, s.carrySum, quoteScale);
    }

    function _borrowRate(Side storage s, State memory state) private view returns (uint40) {
        uint256 notional = PositionMath.quoteUp(s.openInterest, state.price, quoteScale);
        // At most maxBorrowRate, which ParamChecks keeps under 2^40.
        return uint40(CarryMath.borrowRate(notional, state.poolAssets, state.params.maxBorrowRate));
    }
}
