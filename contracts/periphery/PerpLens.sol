// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IPerpLens} from "../interfaces/IPerpLens.sol";
import {IPerpMarket} from "../interfaces/IPerpMarket.sol";
import {CarryMath} from "../libraries/math/CarryMath.sol";
import {FixedMath} from "../libraries/math/FixedMath.sol";
import {MarginMath} from "../libraries/math/MarginMath.sol";
import {PositionMath} from "../libraries/math/PositionMath.sol";
import {PriceSolver} from "../libraries/math/PriceSolver.sol";
import {MarketParams} from "../types/MarketParams.sol";
import {Carry, Position, Side} from "../types/Position.sol";

/// @title PerpLens
/// @notice Everything a screen, keeper or auditor asks, read-only and batched. See IPerpLens.
contract PerpLens is IPerpLens {
    /// @inheritdoc IPerpLens
    function positions(
        IPerpMarket market,
        uint256[] calldata ids
    ) external view returns (PositionView[] memory list) {
        (uint256 price, uint256 observedAt, bool fresh) = market.oracle().peek();
        return _positions(market, ids, price, observedAt, fresh);
    }

    /// @inheritdoc IPerpLens
    function positionsAt(
        IPerpMarket market,
        uint256[] calldata ids,
        uint256 price
    ) external view returns (PositionView[] memory list) {
        return _positions(market, ids, price, block.timestamp, true);
    }

    /// @inheritdoc IPerpLens
    function prices(
        IPerpMarket market,
        uint256[] calldata ids
    ) external view returns (PriceView[] memory list) {
        (uint256 price, , ) = market.oracle().peek();
        Carry memory c = market.carryAt(price);
        MarketParams memory params = market.params();
        uint256 scale = market.quoteScale();
        list = new PriceView[](ids.length);
        for (uint256 i; i < ids.length; ++i) {
            list[i].id = ids[i];
            Position memory p = market.position(ids[i]);
            if (p.size == 0) continue;
            uint256 size = FixedMath.abs(p.size);
            int256 index = p.size > 0 ? c.longIndex : c.shortIndex;
            PriceSolver.Terms memory terms = PriceSolver.Terms({
                size: p.size,
                entryNotional: p.entryNotional,
                cash: int256(market.marginVault().balanceOf(ids[i])) -
                    PositionMath.carryOwed(size, index, p.carryIndex, scale),
                maintenanceRatio: MarginMath.ratio(
                    size,
                    params.maintenanceBase,
                    params.maintenanceSlope,
                    params.depth
                ),
                liquidationFee: params.liquidationFee,
                minKeeperReward: params.minKeeperReward,
                scale: scale
            });
            list[i].exists = true;
            list[i].liquidationPrice = PriceSolver.liquidationPrice(terms);
            list[i].bankruptcyPrice = PriceSolver.bankruptcyPrice(terms);
        }
    }

    /// @inheritdoc IPerpLens
    function idsOf(
        IPerpMarket market,
        uint256 start,
        uint256 limit
    ) external view returns (uint256[] memory ids, uint256 next) {
        uint256 end = market.nextPositionId();
        uint256 first = FixedMath.max(start, 1);
        uint256 stop = FixedMath.min(end, first + limit);
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

    /// @inheritdoc IPerpLens
    function solvency(IPerpMarket market) external view returns (Solvency memory s) {
        (s.price, s.observedAt, s.priceIsFresh) = market.oracle().peek();
        s.tokensInMarginVault = market.token().balanceOf(address(market.marginVault()));
        s.totalCollateral = market.marginVault().totalBalance();
        s.totalClaims = market.marginVault().totalClaim();
        s.tokensInLiquidityVault = market.token().balanceOf(address(market.liquidityVault()));
        s.poolCash = market.liquidityVault().cash();
        s.poolClaim = market.marginVault().claimOf(address(market.liquidityVault()));
        s.tokensInInsurance = market.token().balanceOf(address(market.insuranceFund()));
        s.insuranceReserve = market.insuranceFund().reserve();
        s.insuranceClaim = market.marginVault().claimOf(address(market.insuranceFund()));

        Carry memory c = market.carryAt(s.price);
        (s.longIndex, s.shortIndex) = (c.longIndex, c.shortIndex);
        uint256 scale = market.quoteScale();
        (s.longOpenInterest, s.longPnl, s.longCarry) = _side(
            market.side(true),
            true,
            s.price,
            c.longIndex,
            scale
        );
        (s.shortOpenInterest, s.shortPnl, s.shortCarry) = _side(
            market.side(false),
            false,
            s.price,
            c.shortIndex,
            scale
        );
        s.netAssetValue = market.liquidityVault().netAssetValue(s.price);
        uint256 owed = (s.longPnl > 0 ? uint256(s.longPnl) : 0) + (s.shortPnl > 0 ? uint256(s.shortPnl) : 0);
        uint256 payable_ = FixedMath.mulWadDown(s.poolCash + s.poolClaim, market.params().maxPayoutShare);
        s.worstCasePayout = FixedMath.min(owed, payable_);
        s.solvent =
            s.tokensInMarginVault >= s.totalCollateral + s.totalClaims &&
            s.tokensInLiquidityVault >= s.poolCash &&
            s.tokensInInsurance >= s.insuranceReserve &&
            s.poolCash + s.poolClaim >= s.worstCasePayout;
    }

    /* INTERNAL */

    function _side(
        Side memory side,
        bool isLong,
        uint256 price,
        int256 index,
        uint256 scale
    ) private pure returns (uint256 openInterest, int256 pnl, int256 carry) {
        openInterest = side.openInterest;
        int256 size = isLong ? int256(openInterest) : -int256(openInterest);
        pnl = PositionMath.pnl(size, side.entryNotional, price, scale);
        carry = CarryMath.sideCarry(openInterest, index, side.carrySum, scale);
    }

    function _positions(
        IPerpMarket market,
        uint256[] calldata ids,
        uint256 price,
        uint256 observedAt,
        bool fresh
    ) private view returns (PositionView[] memory list) {
        list = new PositionView[](ids.length);
        Carry memory c = market.carryAt(price);
        MarketParams memory params = market.params();
        uint256 scale = market.quoteScale();
        for (uint256 i; i < ids.length; ++i) {
            PositionView memory v = list[i];
            v.id = ids[i];
            v.owner = market.ownerOrZero(ids[i]);
            v.exists = v.owner != address(0);
            if (!v.exists) continue;
            v.collateral = market.marginVault().balanceOf(ids[i]);
            v.price = price;
            v.observedAt = observedAt;
            v.priceIsFresh = fresh;
            Position memory p = market.position(ids[i]);
            if (p.size != 0) _fill(v, p, c, params, scale);
        }
    }

    function _fill(
        PositionView memory v,
        Position memory p,
        Carry memory c,
        MarketParams memory params,
        uint256 scale
    ) private pure {
        uint256 size = FixedMath.abs(p.size);
        v.size = p.size;
        v.entryNotional = p.entryNotional;
        v.carryIndex = p.carryIndex;
        v.openedAt = p.openedAt;
        v.carryOwed = PositionMath.carryOwed(
            size,
            p.size > 0 ? c.longIndex : c.shortIndex,
            p.carryIndex,
            scale
        );
        v.pnl = PositionMath.pnl(p.size, p.entryNotional, v.price, scale);
        v.equity = PositionMath.equity(v.collateral, v.pnl, v.carryOwed);
        v.notional = PositionMath.quoteUp(size, v.price, scale);
        uint256 reserve = MarginMath.liquidationReserve(
            v.notional,
            params.liquidationFee,
            params.minKeeperReward
        );
        uint256 maintenanceRatio = MarginMath.ratio(
            size,
            params.maintenanceBase,
            params.maintenanceSlope,
            params.depth
        );
        v.maintenanceMargin = MarginMath.requirement(v.notional, maintenanceRatio, reserve);
        v.initialMargin = MarginMath.requirement(
            v.notional,
            MarginMath.ratio(size, params.initialBase, params.initialSlope, params.depth),
            reserve
        );
        v.liquidatable = v.equity < int256(v.maintenanceMargin);
        v.bankrupt = v.equity < 0;
    }
}
