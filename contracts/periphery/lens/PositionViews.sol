// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IPerpLens} from "../../interfaces/IPerpLens.sol";
import {IPerpMarket} from "../../interfaces/IPerpMarket.sol";
import {FixedMath} from "../../libraries/math/FixedMath.sol";
import {PositionMath} from "../../libraries/math/PositionMath.sol";
import {PriceSolver} from "../../libraries/math/PriceSolver.sol";
import {Position} from "../../types/Position.sol";
import {LensReads} from "./LensReads.sol";

/// @notice How positions stand.
abstract contract PositionViews is LensReads {
    /// @inheritdoc IPerpLens
    function positions(
        IPerpMarket market,
        uint256[] calldata ids
    ) external view returns (PositionView[] memory) {
        return _positions(_open(market), ids);
    }

    /// @inheritdoc IPerpLens
    function positionsAt(
        IPerpMarket market,
        uint256[] calldata ids,
        uint256 price
    ) external view returns (PositionView[] memory) {
        return _positions(_openAt(market, price, block.timestamp, true), ids);
    }

    /// @inheritdoc IPerpLens
    function prices(
        IPerpMarket market,
        uint256[] calldata ids
    ) external view returns (PriceView[] memory list) {
        Desk memory desk = _open(market);
        list = new PriceView[](ids.length);
        for (uint256 i; i < ids.length; ++i) {
            Position memory p = market.position(ids[i]);
            int256 collateral = int256(market.marginVault().balanceOf(ids[i]));
            list[i] = _prices(desk, ids[i], p, collateral);
        }
    }

    /// @inheritdoc IPerpLens
    function pricesIf(
        IPerpMarket market,
        uint256 id,
        int256 sizeDelta,
        int256 collateralDelta,
        uint256 elapsed,
        uint256 price
    ) external view returns (PriceView memory) {
        Desk memory desk = _openAt(market, price, block.timestamp, true);
        // As if carry had been brought up to that time at this price.
        desk.stored = market.carryIn(price, block.timestamp + elapsed);
        (desk.longIntegral, desk.shortIntegral) = (0, 0);
        Position memory p = market.position(id);
        int256 collateral = int256(market.marginVault().balanceOf(id)) + collateralDelta;
        int256 size = p.size + sizeDelta;
        if (p.size == 0) {
            // A position opened now owes what accrues from now on.
            p.carryIndex = size > 0 ? market.carryAt(price).longIndex : market.carryAt(price).shortIndex;
        } else if (size != 0 && (size > 0) != (p.size > 0)) {
            return PriceView(id, false, 0, 0);
        }
        collateral += _trade(desk, p, size);
        return _prices(desk, id, p, collateral);
    }

    /// @inheritdoc IPerpLens
    function risk(IPerpMarket market, uint256[] calldata ids) external view returns (RiskView[] memory) {
        return _risks(_open(market), ids);
    }

    /// @inheritdoc IPerpLens
    function riskAt(
        IPerpMarket market,
        uint256[] calldata ids,
        uint256 price
    ) external view returns (RiskView[] memory) {
        return _risks(_openAt(market, price, block.timestamp, true), ids);
    }

    /// @inheritdoc IPerpLens
    function deficiency(IPerpMarket market, uint256 id) external view returns (uint256) {
        Desk memory desk = _open(market);
        PositionView memory v = _view(desk, id);
        int256 missing = int256(_warning(desk, v)) - v.equity;
        return v.size != 0 && missing > 0 ? uint256(missing) : 0;
    }

    /// @inheritdoc IPerpLens
    function explain(IPerpMarket market, uint256 id) external view returns (Explanation memory e) {
        Desk memory desk = _open(market);
        PositionView memory v = _view(desk, id);
        e.position = v;
        e.elevated = _isElevated(desk);
        if (v.size != 0) {
            uint256 size = FixedMath.abs(v.size);
            bool isLong = v.size > 0;
            e.worth =
                isLong
                    ? PositionMath.quoteDown(size, v.price, desk.scale)
                    : PositionMath.quoteUp(size, v.price, desk.scale);
            e.cost = v.entryNotional;
            (e.index, e.entryIndex) = (_indexOf(desk, isLong), v.carryIndex);
            e.baseRatio = desk.params.maintenanceBase;
            e.sizeRatio = _maintenanceRatio(desk, size) - e.baseRatio;
            e.reserve = _reserve(desk, v.notional);
            e.warningMargin = _warning(desk, v);
        }
        e.state = _stateOf(v, e.warningMargin);
    }

    /// @inheritdoc IPerpLens
    function idsOf(
        IPerpMarket market,
        uint256 start,
        uint256 limit
    ) external view returns (uint256[] memory ids, uint256 next) {
        uint256 end = market.nextPositionId();
        uint256 first = FixedMath.max(start, 1);
        uint256 stop = limit < end - FixedMath.min(first, end) ? first + limit : end;
        ids = new uint256[](stop > first ? stop - first : 0);
        uint256 count;
        for (uint256 id = first; id < stop; ++id) {
            if (market.ownerOrZero(id) != address(0)) ids[count++] = id;
        }
        // Shortens the array to what was found; count is at most its length.
        assembly ("memory-safe") {
            mstore(ids, count)
        }
        next = stop < end ? stop : 0;
    }

    /* INTERNAL */

    function _positions(
        Desk memory desk,
        uint256[] calldata ids
    ) private view returns (PositionView[] memory list) {
        list = new PositionView[](ids.length);
        for (uint256 i; i < ids.length; ++i) list[i] = _view(desk, ids[i]);
    }

    function _risks(Desk memory desk, uint256[] calldata ids) private view returns (RiskView[] memory list) {
        list = new RiskView[](ids.length);
        for (uint256 i; i < ids.length; ++i) list[i] = _risk(desk, _view(desk, ids[i]));
    }

    /// @dev Brings a position to `size` at the desk's price; returns what that realises.
    function _trade(Desk memory desk, Position memory p, int256 size) private pure returns (int256 realised) {
        uint256 before = FixedMath.abs(p.size);
        uint256 later = FixedMath.abs(size);
        if (later >= before) {
            uint256 added = PositionMath.quoteUp(later - before, desk.price, desk.scale);
            if (size < 0) added = PositionMath.quoteDown(later - before, desk.price, desk.scale);
            p.entryNotional += uint112(added);
        } else {
            bool isLong = p.size > 0;
            uint256 share = PositionMath.entryShare(isLong, p.entryNotional, before - later, before);
            realised = PositionMath.pnl(p.size - size, share, desk.price, desk.scale);
            p.entryNotional -= uint112(share);
        }
        p.size = int112(size);
    }

    function _prices(
        Desk memory desk,
        uint256 id,
        Position memory p,
        int256 collateral
    ) private pure returns (PriceView memory v) {
        v.id = id;
        if (p.size == 0) return v;
        v.exists = true;
        PriceSolver.Terms memory terms = _terms(desk, p.size, p.entryNotional, collateral, p.carryIndex);
        v.liquidationPrice = PriceSolver.liquidationPrice(terms);
        v.bankruptcyPrice = PriceSolver.bankruptcyPrice(terms);
    }
}
