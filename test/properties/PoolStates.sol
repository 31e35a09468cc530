// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {MarketParams} from "../../contracts/types/MarketParams.sol";
import {QuietVaultFactory} from "./QuietVaultFactory.sol";

/// @notice States that a liquidity vault comes into, quiet ones and others, and its price worked out from the standards'
/// text and the specification instead of its code.
abstract contract PoolStates is QuietVaultFactory {
    uint256 internal constant CAP = 100_000_000e6;
    uint256 internal constant HELD = 20_000_000e6;

    /// @dev Past this an amount is unreasonably large: no token has more.
    uint256 internal constant REASONABLE = type(uint128).max;

    address internal _lp = makeAddr("lp");
    address internal _bob = makeAddr("bob");
    address internal _carol = makeAddr("carol");
    address internal _trader = makeAddr("trader");

    uint256 private _seed;

    function setUp() public virtual {
        deploy();
        vm.label(address(pool), "pool");
    }

    /* STATES */

    /// @dev Any state at all, also with a feed that says nothing usable.
    function _enterAny(uint256 seed) internal {
        _enter(seed);
        uint256 round = aggregator.latestRound() + 1;
        uint40 time = uint40(vm.getBlockTimestamp());
        uint256 fault = _pick(10);
        if (fault == 0) vm.warp(time + MAX_AGE + 1);
        if (fault == 1) _observe(0);
        if (fault == 2) _observe(2 * MAX_PRICE);
        if (fault == 3) aggregator.pushRaw(uint64(round), 2_000e8, time, time, uint64(round - 1));
        if (fault == 4) aggregator.push(uint64(round), 2_000e8, time + 100, time + 100);
    }

    /// @dev A state with a fresh price: an empty pool, a quiet one, one with positions that win or lose, with income to
    /// come, at its cap, insolvent, with requests that wait.
    function _enter(uint256 seed) internal {
        _seed = seed;
        if (_pick(12) == 0) return;
        _deposit(_lp, HELD);
        _deposit(_bob, 1 + _pick(1_000_000e6));
        if (_pick(3) == 0) _addSurplus(_pick(1_000_000e6));
        uint256 sides = _pick(4);
        // The larger ones are near the most that a side may have.
        if (sides & 1 != 0) _open(int256(_size()));
        if (sides & 2 != 0) _open(-int256(_size()));
        if (_pick(2) == 0) {
            vm.warp(vm.getBlockTimestamp() + _pick(3 days));
            _observe(PRICE);
        }
        if (_pick(3) == 0) _requestSome();
        uint256 move = _pick(8);
        if (move == 0) _observe(9_000e18);
        else if (move == 1) _observe(100e18);
        else if (move != 2) _observe(1_500e18 + _pick(1_000e18));
        if (_pick(8) == 0) _fill();
    }

    /// @dev The next number below `n` that the seed gives.
    function _pick(uint256 n) internal returns (uint256) {
        _seed = uint256(keccak256(abi.encode(_seed)));
        return _seed % n;
    }

    /// @dev Deposits up to the cap, to the unit.
    function _fill() internal {
        uint256 room = pool.maxDeposit(_carol);
        if (pool.previewDeposit(room) != 0) _deposit(_carol, room);
    }

    function _open(int256 size) internal {
        _fund(_trader, 8_000_000e6);
        uint256 id = _trade(_trader, _request(0, size, 7_000_000e6), PRICE);
        assertEq(market.position(id).size, size, "the state has its position");
    }

    /// @dev Insurance has more than it needs: the pool's, once anyone says so.
    function _addSurplus(uint256 amount) private {
        amount += market.params().insuranceTarget;
        _fund(address(this), amount);
        insurance.donate(amount);
    }

    function _requestSome() private {
        _requestRedeem(_bob, _bob, 1 + _pick(pool.balanceOf(_bob)));
        _requestRedeem(_lp, _carol, 1 + _pick(pool.balanceOf(_lp)));
        if (_pick(2) != 0) return;
        _await(PRICE);
        pool.fulfillRedeems();
        if (_pick(2) != 0) return;
        _await(PRICE);
        if (pool.isFulfillable()) pool.fulfillRedeems();
    }

    function _requestRedeem(address owner, address controller, uint256 shares) internal {
        vm.prank(owner);
        pool.requestRedeem(shares, controller, owner);
    }

    function _size() private returns (uint256) {
        return 100e18 + _pick(6_900e18);
    }

    /* PRICE */

    /// @dev The highest net asset value over the band, with what insurance could release, or pay for traders: what deposits
    /// are priced at.
    function _high() internal view returns (uint256) {
        uint256 surplus = insurance.surplus();
        (int256 low, int256 high) = _ends(insurance.available() - surplus);
        high = (low > high ? low : high) + int256(surplus);
        return high > 0 ? uint256(high) : 0;
    }

    /// @dev The lowest net asset value over the band: what redemptions are priced at.
    function _low() internal view returns (uint256) {
        (int256 low, int256 high) = _ends(0);
        if (high < low) low = high;
        return low > 0 ? uint256(low) : 0;
    }

    /// @dev The shares of `value` that `assets` are.
    function _toShares(uint256 assets, uint256 value, Math.Rounding to) internal view returns (uint256) {
        return Math.mulDiv(assets, pool.totalSupply() + 1e6, value + 1, to);
    }

    /// @dev What `shares` of `value` are.
    function _toAssets(uint256 shares, uint256 value, Math.Rounding to) internal view returns (uint256) {
        return Math.mulDiv(shares, value + 1, pool.totalSupply() + 1e6, to);
    }

    /// @dev Carry that has not accrued yet would be taken at each end's own price; it is that of the index price.
    function _ends(uint256 insured) private view returns (int256 down, int256 up) {
        uint256 price = _indexPrice();
        uint256 half = Math.mulDiv(price, oracle.uncertainty(), 1e18, Math.Rounding.Ceil);
        return (_valueAt(price - half, insured), _valueAt(price + half, insured));
    }

    /// @dev Net asset value where insurance pays so much of what traders can't.
    function _valueAt(uint256 price, uint256 insured) private view returns (int256) {
        (int256 netPnl, int256 carry) = market.traderResult(price);
        int256 owed = carry - netPnl;
        int256 most = int256(vault.totalBalance() + insured);
        return int256(pool.poolAssets()) + (owed < most ? owed : most);
    }

    function _params() internal view virtual override returns (MarketParams memory params) {
        params = super._params();
        params.depositCap = uint128(CAP);
    }
}
