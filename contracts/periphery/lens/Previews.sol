// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IPerpLens} from "../../interfaces/IPerpLens.sol";
import {IPerpMarket} from "../../interfaces/IPerpMarket.sol";
import {Failure, Trade, TradePreview} from "../../types/Order.sol";
import {Position} from "../../types/Position.sol";
import {LensReads} from "./LensReads.sol";
import {LiquidationReceipt} from "../../types/LiquidationReceipt.sol";

/// @notice What actions would do. The market's own code computes them, so that they can't differ from what it then does.
abstract contract Previews is LensReads {
    /// @inheritdoc IPerpLens
    function previewTrade(
        IPerpMarket market,
        uint256 id,
        int128 sizeDelta,
        uint256 collateral,
        uint128 executionFee,
        uint256 price
    ) external view returns (TradePreview memory preview, RiskView memory later) {
        bool buys = sizeDelta == 0 ? market.position(id).size < 0 : sizeDelta > 0;
        Trade memory trade = Trade({
            positionId: id,
            owner: address(0),
            sizeDelta: sizeDelta,
            acceptablePrice: buys ? type(uint256).max : 0,
            executionFee: executionFee,
            price: price,
            indexPrice: price,
            indexIsFresh: true,
            feeTo: address(0),
            keepsReserved: false
        });
        preview = market.previewTrade(trade, collateral);
        later.position.id = id;
        if (preview.failure != Failure.None || preview.newSize == 0) return (preview, later);
        Desk memory desk = _openAt(market, price, block.timestamp, true);
        // The trade settles carry so far: what it owes later starts from here.
        desk.stored = desk.carry;
        (desk.longIntegral, desk.shortIntegral) = (0, 0);
        Position memory p = Position({
            size: int112(preview.newSize),
            entryNotional: uint112(preview.newEntryNotional),
            openedAt: uint32(block.timestamp),
            carryIndex: int96(_indexOf(desk, preview.newSize > 0))
        });
        later = _after(desk, id, p, preview.newCollateral);
    }

    /// @inheritdoc IPerpLens
    function previewCollateral(
        IPerpMarket market,
        uint256 id,
        int256 delta
    ) external view returns (bool allowed, RiskView memory later) {
        Desk memory desk = _open(market);
        PositionView memory now_ = _view(desk, id);
        later.position.id = id;
        if (!now_.exists) return (false, later);
        uint256 withdrawable = _risk(desk, now_).withdrawable;
        allowed = delta > 0 || (delta < 0 && withdrawable >= uint256(-delta));
        later = _after(desk, id, market.position(id), int256(now_.collateral) + delta);
    }

    /// @inheritdoc IPerpLens
    function previewLiquidations(
        IPerpMarket market,
        uint256[] calldata ids,
        uint256 price
    ) external view returns (bool[] memory liquidatable, LiquidationReceipt[] memory receipts) {
        liquidatable = new bool[](ids.length);
        receipts = new LiquidationReceipt[](ids.length);
        for (uint256 i; i < ids.length; ++i)
            (liquidatable[i], receipts[i]) = market.previewLiquidation(ids[i], price);
    }

    /// @inheritdoc IPerpLens
    function deleveragePreview(
        IPerpMarket market,
        bool isLong,
        uint256[] calldata ids
    ) external view returns (bool due, uint256[] memory closed, int256 sidePnl, int256 newSidePnl) {
        (uint256 price, , ) = market.oracle().peek();
        return market.previewDeleverage(isLong, ids, price);
    }

    /// @dev A position that a preview made.
    function _after(
        Desk memory desk,
        uint256 id,
        Position memory p,
        int256 collateral
    ) private view returns (RiskView memory) {
        PositionView memory v;
        v.id = id;
        v.owner = desk.market.ownerOrZero(id);
        _judge(v, desk, p, collateral);
        v.collateral = collateral > 0 ? uint256(collateral) : 0;
        return _risk(desk, v);
    }
}
