// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {FixedMath} from "../../contracts/libraries/math/FixedMath.sol";
import {MarketParams} from "../../contracts/types/MarketParams.sol";
import {MarketFixture} from "./MarketFixture.sol";

/// @notice A market seen by those who provide its liquidity: what the vault pays and takes, worked out anew from what
/// it makes public, and the steps of coming and going. Carry is switched off unless a test wants it.
abstract contract PoolFixture is MarketFixture {
    uint256 internal constant PRICE = 2_000e18;

    /// @dev Shares that belong to nobody.
    uint256 internal constant VIRTUAL = 1e6;

    /// @dev Set before the market is deployed.
    uint256 internal _band = 0.0175e18;
    bool internal _hasCarry;

    function _uncertainty() internal view override returns (uint256) {
        return _band;
    }

    function _params() internal view virtual override returns (MarketParams memory p) {
        p = super._params();
        // No market has a premium above its oracle's uncertainty.
        if (p.maxPremium > _band) p.maxPremium = uint64(_band);
        if (!_hasCarry) (p.maxBorrowRate, p.maxFundingRate, p.maxFundingVelocity) = (0, 0, 0);
    }

    /* TIME */

    /// @dev A round observed at `time`, which is now from here on.
    function _observeAt(uint256 time, uint256 price) internal {
        vm.warp(time);
        uint64 round = uint64(aggregator.latestRound() + 1);
        aggregator.push(round, int160(int256(price / 1e10)), uint40(time), uint40(time));
    }

    function _observe(uint256 price) internal {
        _observeAt(vm.getBlockTimestamp() + 1, price);
    }

    /// @dev Waits until the current batch is due and redeems it at `price`.
    function _fulfillAt(uint256 price) internal returns (uint256 redeemed, uint256 assets) {
        _observeAt(FixedMath.max(pool.fulfillableFrom(), vm.getBlockTimestamp()) + 1, price);
        return pool.fulfillRedeems();
    }

    /* PRICES */

    /// @dev Net asset value at the ends of the band, the lower one first. As the vault has it once carry is accrued.
    function _bandAt(uint256 price) internal view returns (uint256 low, uint256 high) {
        uint256 half = FixedMath.mulWadUp(price, _band);
        int256 a = pool.netAssetValue(price - half);
        int256 b = pool.netAssetValue(price + half);
        if (a > b) (a, b) = (b, a);
        return (a > 0 ? uint256(a) : 0, b > 0 ? uint256(b) : 0);
    }

    function _value(uint256 price) internal view returns (uint256) {
        int256 value = pool.netAssetValue(price);
        return value > 0 ? uint256(value) : 0;
    }

    /// @dev What `shares` are worth at the middle of the band, token units, rounded down.
    function _worth(uint256 shares) internal view returns (uint256) {
        return (shares * (_value(_indexPrice()) + 1)) / (pool.totalSupply() + VIRTUAL);
    }

    /// @dev Value per share, wad of a token unit per 10^6 shares.
    function _perShare() internal view returns (uint256) {
        return ((_value(_indexPrice()) + 1) * 1e24) / (pool.totalSupply() + VIRTUAL);
    }

    /* ACTORS */

    function _open(address trader, int256 size, uint256 collateral) internal returns (uint256 id) {
        _fund(trader, collateral);
        id = _trade(trader, _request(0, size, collateral), _indexPrice());
        assertEq(market.position(id).size, size, "opened");
    }

    function _close(address trader, uint256 id) internal {
        _trade(trader, _request(id, 0, 0), _indexPrice());
        assertEq(market.position(id).size, 0, "closed");
    }

    function _requestRedeem(address provider, uint256 shares) internal {
        vm.prank(provider);
        pool.requestRedeem(shares, provider, provider);
    }

    /// @dev All that is pending back into the provider's hands.
    function _cancel(address provider) internal returns (uint256 shares) {
        vm.prank(provider);
        pool.cancelRedeemRequest(0, provider);
        shares = pool.claimableCancelRedeemRequest(0, provider);
        vm.prank(provider);
        pool.claimCancelRedeemRequest(0, provider, provider);
    }

    /// @dev All that was redeemed.
    function _claim(address provider) internal returns (uint256 assets) {
        assets = pool.maxWithdraw(provider);
        vm.startPrank(provider);
        if (assets == 0) pool.redeem(pool.maxRedeem(provider), provider, provider);
        else pool.withdraw(assets, provider, provider);
        vm.stopPrank();
    }

    /// @dev Requests all shares; batches at `price` until all are redeemed or nothing is, then claims.
    function _leave(address provider, uint256 price) internal returns (uint256 assets) {
        uint256 held = pool.balanceOf(provider);
        if (held != 0) _requestRedeem(provider, held);
        for (uint256 i; i < 4 && pool.pendingRedeemRequest(0, provider) != 0; ++i) _fulfillAt(price);
        return _claim(provider);
    }

    /// @dev What the vault holds covers what it owes, in tokens and in shares.
    function _assertBacked(address[] memory providers) internal view {
        assertGe(token.balanceOf(address(pool)), pool.cash() + pool.reservedAssets(), "tokens held");
        uint256 assets;
        uint256 shares;
        for (uint256 i; i < providers.length; ++i) {
            assets += pool.maxWithdraw(providers[i]);
            shares += pool.pendingRedeemRequest(0, providers[i]);
            shares += pool.claimableCancelRedeemRequest(0, providers[i]);
        }
        assertGe(pool.reservedAssets(), assets, "assets set aside");
        assertGe(pool.balanceOf(address(pool)), shares, "shares kept");
    }
}
