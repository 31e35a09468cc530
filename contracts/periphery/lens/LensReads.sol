// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IPerpLens} from "../../interfaces/IPerpLens.sol";
import {IPerpMarket} from "../../interfaces/IPerpMarket.sol";
import {MarketFlags} from "../../libraries/MarketFlags.sol";
import {FixedMath} from "../../libraries/math/FixedMath.sol";
import {MarginMath} from "../../libraries/math/MarginMath.sol";
import {PositionMath} from "../../libraries/math/PositionMath.sol";
import {PriceSolver} from "../../libraries/math/PriceSolver.sol";
import {MarketParams} from "../../types/MarketParams.sol";
import {Carry, Position} from "../../types/Position.sol";

/// @notice What all views read, and how a position is judged.
abstract contract LensReads is IPerpLens {
    /// @dev A market at a price, read once for all positions. The parameters are those that new risk meets.
    struct Desk {
        IPerpMarket market;
        uint256 price;
        uint256 observedAt;
        bool fresh;
        uint256 scale;
        Carry carry;
        Carry stored;
        int256 longIntegral;
        int256 shortIntegral;
        MarketParams params;
    }

    function _open(IPerpMarket market) internal view returns (Desk memory) {
        (uint256 price, uint256 observedAt, bool fresh) = market.oracle().peek();
        return _openAt(market, price, observedAt, fresh);
    }

    function _openAt(
        IPerpMarket market,
        uint256 price,
        uint256 observedAt,
        bool fresh
    ) internal view returns (Desk memory desk) {
        desk.market = market;
        desk.price = price;
        desk.observedAt = observedAt;
        desk.fresh = fresh;
        desk.scale = market.quoteScale();
        desk.carry = market.carryAt(price);
        desk.stored = market.carry();
        // At a price of one an index grows by the integral of its rate.
        Carry memory atOne = market.carryAt(FixedMath.WAD);
        desk.longIntegral = int256(atOne.longIndex) - desk.stored.longIndex;
        desk.shortIntegral = int256(atOne.shortIndex) - desk.stored.shortIndex;
        desk.params = market.params();
        if (_isElevated(desk)) {
            desk.params.initialBase = _raised(desk.params.initialBase, desk.params.elevatedFactor);
            desk.params.initialSlope = _raised(desk.params.initialSlope, desk.params.elevatedFactor);
        }
    }

    function _isElevated(Desk memory desk) internal pure returns (bool) {
        return MarketFlags.levelOf(desk.carry.flags) != MarketFlags.NORMAL;
    }

    /* POSITIONS */

    function _view(Desk memory desk, uint256 id) internal view returns (PositionView memory v) {
        v.id = id;
        v.owner = desk.market.ownerOrZero(id);
        if (v.owner == address(0)) return v;
        uint256 collateral = desk.market.marginVault().balanceOf(id);
        Position memory p = desk.market.position(id);
        _judge(v, desk, p, int256(collateral));
        v.collateral = collateral;
    }

    /// @dev Fills the view of an existing position with `collateral`, which a preview can make negative.
    function _judge(
        PositionView memory v,
        Desk memory desk,
        Position memory p,
        int256 collateral
    ) internal pure {
        v.exists = true;
        v.price = desk.price;
        v.observedAt = desk.observedAt;
        v.priceIsFresh = desk.fresh;
        if (p.size == 0) return;
        uint256 size = FixedMath.abs(p.size);
        v.size = p.size;
        v.entryNotional = p.entryNotional;
        v.carryIndex = p.carryIndex;
        v.openedAt = p.openedAt;
        v.carryOwed = PositionMath.carryOwed(size, _indexOf(desk, p.size > 0), p.carryIndex, desk.scale);
        v.pnl = PositionMath.pnl(p.size, p.entryNotional, v.price, desk.scale);
        v.equity = collateral + v.pnl - v.carryOwed;
        v.notional = PositionMath.quoteUp(size, v.price, desk.scale);
        MarketParams memory params = desk.params;
        uint256 reserve = _reserve(desk, v.notional);
        v.maintenanceMargin = MarginMath.requirement(v.notional, _maintenanceRatio(desk, size), reserve);
        v.initialMargin = MarginMath.requirement(
            v.notional,
            MarginMath.ratio(size, params.initialBase, params.initialSlope, params.depth),
            reserve
        );
        v.liquidatable = v.equity < int256(v.maintenanceMargin);
        v.bankrupt = v.equity < 0;
    }

    function _stateOf(PositionView memory v, uint256 warning) internal pure returns (State) {
        if (!v.exists) return State.None;
        if (v.size == 0) return State.Waiting;
        if (v.bankrupt) return State.Bankrupt;
        if (v.liquidatable) return State.Liquidatable;
        return v.equity < int256(warning) ? State.MarginCall : State.Healthy;
    }

    function _warning(Desk memory desk, PositionView memory v) internal pure returns (uint256) {
        return FixedMath.mulWadUp(v.maintenanceMargin, desk.params.warningFactor);
    }

    function _reserve(Desk memory desk, uint256 notional) internal pure returns (uint256) {
        return
            MarginMath.liquidationReserve(notional, desk.params.liquidationFee, desk.params.minKeeperReward);
    }

    function _maintenanceRatio(Desk memory desk, uint256 size) internal pure returns (uint256) {
        MarketParams memory p = desk.params;
        return MarginMath.ratio(size, p.maintenanceBase, p.maintenanceSlope, p.depth);
    }

    function _indexOf(Desk memory desk, bool isLong) internal pure returns (int256) {
        return isLong ? desk.carry.longIndex : desk.carry.shortIndex;
    }

    /* RISK */

    function _risk(Desk memory desk, PositionView memory v) internal pure returns (RiskView memory r) {
        r.position = v;
        if (v.size == 0) {
            r.state = _stateOf(v, 0);
            return r;
        }
        r.warningMargin = _warning(desk, v);
        r.state = _stateOf(v, r.warningMargin);
        if (v.notional != 0) r.marginRatio = (v.equity * int256(FixedMath.WAD)) / int256(v.notional);
        if (v.equity < int256(r.warningMargin)) r.deficiency = uint256(int256(r.warningMargin) - v.equity);
        r.withdrawable = _withdrawable(desk, v);
        r.reducible = _reducible(desk, FixedMath.abs(v.size));
        // Equity less PnL is collateral less carry.
        int256 collateral = v.equity - v.pnl + v.carryOwed;
        PriceSolver.Terms memory terms = _terms(desk, v.size, v.entryNotional, collateral, v.carryIndex);
        r.liquidationPrice = PriceSolver.liquidationPrice(terms);
        r.bankruptcyPrice = PriceSolver.bankruptcyPrice(terms);
        r.distance = _distance(v, r.liquidationPrice);
    }

    function _terms(
        Desk memory desk,
        int256 size,
        uint256 entryNotional,
        int256 collateral,
        int256 entryIndex
    ) internal pure returns (PriceSolver.Terms memory) {
        return
            PriceSolver.Terms({
                size: size,
                entryNotional: entryNotional,
                collateral: collateral,
                gap: (size > 0 ? desk.stored.longIndex : desk.stored.shortIndex) - entryIndex,
                integral: size > 0 ? desk.longIntegral : desk.shortIntegral,
                maintenanceRatio: _maintenanceRatio(desk, FixedMath.abs(size)),
                liquidationFee: desk.params.liquidationFee,
                minKeeperReward: desk.params.minKeeperReward,
                scale: desk.scale
            });
    }

    function _withdrawable(Desk memory desk, PositionView memory v) private pure returns (uint256) {
        if (!v.priceIsFresh || v.equity <= int256(v.initialMargin)) return 0;
        uint256 reserve = _reserve(desk, v.notional);
        if (v.collateral <= reserve) return 0;
        return FixedMath.min(uint256(v.equity) - v.initialMargin, v.collateral - reserve);
    }

    /// @dev What remains must quote to the minimum at least.
    function _reducible(Desk memory desk, uint256 size) private pure returns (uint256) {
        if (desk.price == 0) return 0;
        // quoteUp(rest) >= minimum from rest > (minimum - 1) * scale / price on.
        uint256 least = FixedMath.mulDivDown(desk.params.minNotional - 1, desk.scale, desk.price) + 1;
        return size > least ? size - least : 0;
    }

    function _distance(PositionView memory v, uint256 liquidationPrice) private pure returns (int256) {
        if (v.liquidatable || v.price == 0) return 0;
        bool never = v.size > 0 ? liquidationPrice == 0 : liquidationPrice == type(uint256).max;
        if (never) return type(int256).max;
        return ((int256(liquidationPrice) - int256(v.price)) * int256(FixedMath.WAD)) / int256(v.price);
    }

    /// @dev At most five times what is at most 50 % and 18, as the market raises it.
    function _raised(uint256 ratio, uint256 factor) private pure returns (uint64) {
        return uint64(FixedMath.min(FixedMath.mulWadUp(ratio, factor), type(uint64).max));
    }
}
