// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {MarketFlags} from "../../contracts/libraries/MarketFlags.sol";
import {MarginMath} from "../../contracts/libraries/math/MarginMath.sol";
import {FixedMath} from "../../contracts/libraries/math/FixedMath.sol";
import {PositionMath} from "../../contracts/libraries/math/PositionMath.sol";
import {FixingKind} from "../../contracts/types/Fixing.sol";
import {MarketParams} from "../../contracts/types/MarketParams.sol";
import {Order} from "../../contracts/types/Order.sol";
import {PoolYield} from "../../contracts/types/PoolYield.sol";
import {Carry, Position} from "../../contracts/types/Position.sol";
import {MarketFixture} from "../shared/MarketFixture.sol";
import {Reenterer} from "./Reenterer.sol";

/// @notice What the handler knows of the market beyond the contracts: actors, live ids, pending orders, the feed's
/// history, ghost sums; and the reading of every position one by one.
abstract contract World is MarketFixture {
    struct Snapshot {
        uint256 id;
        uint256 balance;
        Position record;
        int256 equity;
        bool liquidatable;
    }

    /// @param capped Whether traders owe more than all their collateral: the share price then moves with it.
    /// @param worth Wallet and claim of each of `accounts`.
    struct Picture {
        uint256 time;
        uint256 price;
        bool fresh;
        uint256 nextPositionId;
        Carry carry;
        int256 value;
        bool capped;
        uint256 shares;
        uint256 poolAssets;
        uint256 insurance;
        uint256[] wallets;
        uint256[] worth;
        Snapshot[] positions;
    }

    struct Pending {
        bytes32 orderId;
        Order order;
    }

    /// @param counts False for a round without an answer of its own.
    struct Observation {
        uint80 roundId;
        uint256 observedAt;
        int256 answer;
        bool counts;
    }

    uint256 internal constant TRADERS = 6;
    uint256 internal constant BLOCKABLE = 4;
    uint256 internal constant MAX_LIVE = 12;

    /// @dev Six traders (the fifth is blocklisted at times, the sixth a contract), two LPs, donor, keeper, treasury.
    address[] public accounts;
    address[2] internal _providers;
    address internal _donor;
    Reenterer public reenterer;

    uint256[] internal _ids;
    Pending[] internal _pending;
    Observation[] internal _history;
    MarketParams internal _p;

    /* GHOSTS: token units */

    uint256 public donatedToVault;
    uint256 public donatedToPool;
    uint256 public donatedToInsurance;
    uint256 public calls;

    /// @notice What LPs brought, less what they took.
    int256 public lpFlow;
    /// @notice What others have credited to the pool's claim: surplus of insurance and gifts.
    uint256 public creditedToPool;
    /// @notice Units by which accrued carry may differ from settled: three for each accrual, one for each settlement.
    uint256 public roundings;
    PoolYield internal _lastYield;

    /// @notice How often each outcome was reached.
    mapping(bytes32 outcome => uint256) public reached;

    /* SET-UP */

    /// @dev A position's cap below its side's, so that each is met.
    function _params() internal view virtual override returns (MarketParams memory params) {
        params = super._params();
        params.maxPositionShare = 0.5e18;
        params.depositCap = uint128(100_000_000 * unit);
    }

    function _createWorld(uint256 poolMoney, uint256 insuranceMoney) internal {
        _deployMarket(6, 2_000e18);
        _history.push(Observation((uint80(1) << 64) | 1, block.timestamp, 2_000e8, true));
        _p = market.params();
        reenterer = new Reenterer();
        string[5] memory names = ["ann", "ben", "cat", "dan", "eve"];
        for (uint256 i; i < 5; ++i) accounts.push(makeAddr(names[i]));
        accounts.push(address(reenterer));
        _providers = [makeAddr("lou"), makeAddr("pam")];
        _donor = makeAddr("donor");
        accounts.push(_providers[0]);
        accounts.push(_providers[1]);
        accounts.push(_donor);
        accounts.push(keeper);
        accounts.push(treasury);
        for (uint256 i; i < accounts.length; ++i) _fund(accounts[i], 0);
        if (poolMoney != 0) _deposit(_providers[0], poolMoney);
        lpFlow = int256(poolMoney);
        if (insuranceMoney == 0) return;
        _fund(_donor, insuranceMoney);
        vm.prank(_donor);
        insurance.donate(insuranceMoney);
    }

    /* FEED */

    /// @dev A round observed now that may be unbelievable, or have no answer of its own.
    function _observe(int256 answer, uint256 gap, bool counts) internal {
        uint64 round = uint64(aggregator.latestRound() + 1 + gap);
        uint64 answeredIn = counts || round == 1 ? round : round - 1;
        aggregator.pushRaw(
            round,
            int160(answer),
            uint40(block.timestamp),
            uint40(block.timestamp),
            answeredIn
        );
        _history.push(
            Observation((uint80(feed.phaseId()) << 64) | round, block.timestamp, answer, answeredIn == round)
        );
    }

    /// @dev Last believable answer, 8 decimals.
    function _lastAnswer() internal view returns (uint256) {
        for (uint256 i = _history.length; i > 0; --i) {
            Observation storage o = _history[i - 1];
            if (o.counts && _believed(o.answer)) return uint256(o.answer);
        }
        return 2_000e8;
    }

    function _believed(int256 answer) internal pure returns (bool) {
        return answer > 0 && uint256(answer) * 1e10 >= MIN_PRICE && uint256(answer) * 1e10 <= MAX_PRICE;
    }

    /// @dev The fixing of an order by the rule, from the feed's whole history: the first observation after the
    /// moment, in time; the one before it if it came too late or not at all.
    function _fixingOf(
        Order memory order
    ) internal view returns (bool exists, uint80 proof, FixingKind kind, uint256 price) {
        return _fixingOf(order, order.committedAt);
    }

    /// @dev The same of an order whose epoch was recorded earlier.
    function _fixingOf(
        Order memory order,
        uint256 recordedAt
    ) internal view returns (bool exists, uint80 proof, FixingKind kind, uint256 price) {
        uint256 moment = order.committedAt + SETTLEMENT_DELAY;
        (Observation memory first, Observation memory previous) = _around(moment);
        if (moment <= recordedAt + SETTLEMENT_DELAY) previous = _lastIn(order.epoch, moment, previous);
        Observation memory last = _history[_history.length - 1];
        exists =
            first.observedAt != 0 ||
            (last.counts && block.timestamp > moment + FALLBACK_DELAY + SETTLEMENT_DELAY);
        if (!exists) return (false, 0, FixingKind.Void, 0);
        proof = first.observedAt != 0 ? first.roundId : last.roundId;
        bool inTime = first.observedAt != 0 && first.observedAt <= moment + FALLBACK_DELAY;
        if (inTime) {
            if (!_believed(first.answer)) return (true, proof, FixingKind.Void, 0);
            return (true, proof, FixingKind.Observed, uint256(first.answer) * 1e10);
        }
        bool usable = _believed(previous.answer) && moment - previous.observedAt <= MAX_AGE;
        if (!usable) return (true, proof, FixingKind.Void, 0);
        return (true, proof, FixingKind.Fallback, uint256(previous.answer) * 1e10);
    }

    /// @dev The observations next after and last not after a moment; empty where there is none.
    function _around(
        uint256 moment
    ) private view returns (Observation memory first, Observation memory previous) {
        for (uint256 i = _history.length; i > 0; --i) {
            Observation memory o = _history[i - 1];
            if (!o.counts) continue;
            if (o.observedAt <= moment) return (first, o);
            first = o;
        }
    }

    /// @dev The last observation up to a moment of an order's own phase, `other` if that has none.
    function _lastIn(
        uint48 phase,
        uint256 moment,
        Observation memory other
    ) private view returns (Observation memory) {
        for (uint256 i = _history.length; i > 0; --i) {
            Observation memory o = _history[i - 1];
            if (o.counts && o.observedAt <= moment && o.roundId >> 64 == phase) return o;
        }
        return other;
    }

    /* POSITIONS ONE BY ONE */

    function liveIds() external view returns (uint256[] memory) {
        return _ids;
    }

    function pendingOrders() external view returns (uint256) {
        return _pending.length;
    }

    function equityOf(uint256 id, uint256 price) public view returns (int256) {
        return _equity(market.position(id), vault.balanceOf(id), market.carryAt(price), price);
    }

    function maintenanceOf(uint256 id, uint256 price) public view returns (uint256) {
        return _requirement(market.position(id), price, _p.maintenanceBase, _p.maintenanceSlope);
    }

    function initialOf(uint256 id, uint256 price) public view returns (uint256) {
        uint256 factor = _isElevated(price) ? _p.elevatedFactor : 1e18;
        return
            _requirement(
                market.position(id),
                price,
                FixedMath.mulWadUp(_p.initialBase, factor),
                FixedMath.mulWadUp(_p.initialSlope, factor)
            );
    }

    /// @notice What a partial liquidation leaves at least: the initial margin of a calm market plus the buffer.
    function targetOf(uint256 id, uint256 price) public view returns (uint256) {
        uint256 base = uint256(_p.initialBase) + _p.liquidationBuffer;
        return _requirement(market.position(id), price, base, _p.initialSlope);
    }

    /// @dev Whether new risk needs more margin at `price` now.
    function _isElevated(uint256 price) internal view returns (bool) {
        return MarketFlags.levelOf(market.carryAt(price).flags) != MarketFlags.NORMAL;
    }

    /// @dev Whether liquidations wait: an outage was noted, and the grace period after it is not over.
    function _isPaused(Picture memory w) internal view returns (bool) {
        if (w.carry.flags & MarketFlags.OUTAGE == 0) return false;
        uint256 resumesAt = market.resumesAt();
        return resumesAt == 0 ? _p.gracePeriod != 0 : block.timestamp < resumesAt;
    }

    function carryOf(uint256 id, uint256 price) public view returns (int256) {
        return _carryOwed(market.position(id), market.carryAt(price));
    }

    function pnlOf(uint256 id, uint256 price) public view returns (int256) {
        Position memory p = market.position(id);
        return PositionMath.pnl(p.size, p.entryNotional, price, market.quoteScale());
    }

    function notionalOf(uint256 id, uint256 price) public view returns (uint256) {
        return PositionMath.quoteUp(FixedMath.abs(market.position(id).size), price, market.quoteScale());
    }

    function reserveOf(uint256 id, uint256 price) public view returns (uint256) {
        return MarginMath.liquidationReserve(notionalOf(id, price), _p.liquidationFee, _p.minKeeperReward);
    }

    function _equity(
        Position memory p,
        uint256 balance,
        Carry memory c,
        uint256 price
    ) internal view returns (int256) {
        int256 pnl = PositionMath.pnl(p.size, p.entryNotional, price, market.quoteScale());
        return PositionMath.equity(balance, pnl, _carryOwed(p, c));
    }

    function _carryOwed(Position memory p, Carry memory c) private view returns (int256) {
        int256 index = p.size > 0 ? c.longIndex : c.shortIndex;
        return PositionMath.carryOwed(FixedMath.abs(p.size), index, p.carryIndex, market.quoteScale());
    }

    function _requirement(
        Position memory p,
        uint256 price,
        uint256 base,
        uint256 slope
    ) internal view returns (uint256) {
        uint256 size = FixedMath.abs(p.size);
        uint256 notional = PositionMath.quoteUp(size, price, market.quoteScale());
        uint256 reserve = MarginMath.liquidationReserve(notional, _p.liquidationFee, _p.minKeeperReward);
        return MarginMath.requirement(notional, MarginMath.ratio(size, base, slope, _p.depth), reserve);
    }

    /* PICTURES */

    function _take() internal view returns (Picture memory w) {
        w.time = block.timestamp;
        (w.price, , w.fresh) = oracle.peek();
        w.nextPositionId = market.nextPositionId();
        w.carry = market.carryAt(w.price);
        w.value = pool.netAssetValue(w.price);
        w.capped = _isCapped(w.price);
        w.shares = pool.totalSupply();
        w.poolAssets = pool.poolAssets();
        w.insurance = insurance.available();
        w.wallets = new uint256[](accounts.length);
        w.worth = new uint256[](accounts.length);
        for (uint256 i; i < accounts.length; ++i) {
            w.wallets[i] = token.balanceOf(accounts[i]);
            w.worth[i] = w.wallets[i] + vault.claimOf(accounts[i]);
        }
        w.positions = new Snapshot[](_ids.length);
        for (uint256 i; i < _ids.length; ++i) w.positions[i] = _snapshot(_ids[i], w.carry, w.price);
    }

    function _isCapped(uint256 price) internal view returns (bool) {
        (int256 netPnl, int256 carry) = market.traderResult(price);
        return carry - netPnl > int256(vault.totalBalance());
    }

    function _snapshot(uint256 id, Carry memory c, uint256 price) internal view returns (Snapshot memory s) {
        s.id = id;
        s.balance = vault.balanceOf(id);
        s.record = market.position(id);
        if (s.record.size == 0) return s;
        s.equity = _equity(s.record, s.balance, c, price);
        uint256 required = _requirement(s.record, price, _p.maintenanceBase, _p.maintenanceSlope);
        s.liquidatable = s.equity < int256(required);
    }

    function _find(Picture memory w, uint256 id) internal pure returns (Snapshot memory s) {
        for (uint256 i; i < w.positions.length; ++i) if (w.positions[i].id == id) return w.positions[i];
    }

    /// @dev Sum of wallet and claim over the traders.
    function _tradersWorth(Picture memory w) internal pure returns (uint256 sum) {
        for (uint256 i; i < TRADERS; ++i) sum += w.worth[i];
    }

    function _worthOf(Picture memory w, address account) internal view returns (uint256) {
        for (uint256 i; i < accounts.length; ++i) if (accounts[i] == account) return w.worth[i];
        return 0;
    }

    /* COVERAGE */

    function _reach(bytes32 outcome) internal {
        ++reached[outcome];
    }
}
