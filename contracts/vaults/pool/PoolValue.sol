// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {ERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";
import {IERC4626} from "@openzeppelin/contracts/interfaces/IERC4626.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {ILiquidityVault} from "../../interfaces/ILiquidityVault.sol";
import {IMarginVault} from "../../interfaces/IMarginVault.sol";
import {IPerpMarket} from "../../interfaces/IPerpMarket.sol";
import {IPriceOracle} from "../../interfaces/IPriceOracle.sol";
import {Errors} from "../../libraries/Errors.sol";
import {FixedMath} from "../../libraries/math/FixedMath.sol";
import {PoolMath} from "../../libraries/math/PoolMath.sol";
import {PositionMath} from "../../libraries/math/PositionMath.sol";
import {MarketConfig, MarketSet} from "../../types/MarketConfig.sol";
import {MarketParams} from "../../types/MarketParams.sol";
import {Side} from "../../types/Position.sol";

/// @notice What the pool and its shares are worth, and how much of it may leave.
abstract contract PoolValue is ILiquidityVault, ERC4626 {
    /// @dev Shares that exist in the price but belong to nobody: inflating the price costs 10^6 times the gain.
    uint256 private constant VIRTUAL_SHARES = 1e6;

    /// @dev The market records the cash in 96 bits.
    uint256 internal constant MAX_CASH = type(uint96).max;

    /// @dev More shares than this are a pool that was worth nothing before.
    uint256 private constant MAX_SHARES = type(uint128).max;

    IMarginVault public immutable marginVault;
    IPerpMarket public immutable market;
    IPriceOracle public immutable oracle;
    uint256 private immutable _quoteScale;

    constructor(MarketConfig memory config, MarketSet memory set) ERC4626(IERC20(config.token)) {
        marginVault = IMarginVault(set.marginVault);
        market = IPerpMarket(set.market);
        oracle = IPriceOracle(config.oracle);
        _quoteScale = 10 ** (36 - IERC20Metadata(config.token).decimals());
    }

    /// @inheritdoc ILiquidityVault
    function cash() public view returns (uint256) {
        return market.poolCash();
    }

    /// @inheritdoc ILiquidityVault
    function poolAssets() public view returns (uint256) {
        return cash() + marginVault.claimOf(address(this));
    }

    /// @inheritdoc ILiquidityVault
    function netAssetValue(uint256 price) public view returns (int256) {
        (int256 netPnl, int256 carry) = market.traderResult(price);
        return PoolMath.netAssetValue(poolAssets(), netPnl, carry, marginVault.totalBalance());
    }

    /// @notice Net asset value at the latest price, fresh or not; 0 if negative. Where there is no price at all, pool
    /// assets: then neither deposits nor batches go through.
    function totalAssets() public view override(ERC4626, IERC4626) returns (uint256) {
        (uint256 price, , ) = oracle.peek();
        return price == 0 ? poolAssets() : _positive(netAssetValue(price));
    }

    /// @dev Value deposits are priced at, with what insurance could give the pool at any moment: a deposit before that and
    /// a redemption after it gain nothing. Reverts without a fresh price, and when the pool is worth nothing.
    function _depositValue() internal view returns (uint256, uint256 room) {
        (uint256 price, ) = oracle.latest();
        int256 value;
        (value, room) = _depositTerms(price);
        if (value < 0 || (value == 0 && totalSupply() != 0)) revert Errors.PoolInsolvent(value);
        return (_positive(value), room);
    }

    /// @dev The same for views: never reverts, says whether the value is one to deposit at.
    function _peekDepositValue() internal view returns (uint256, uint256 room, bool open) {
        (uint256 price, , bool fresh) = oracle.peek();
        int256 value;
        (value, room) = _depositTerms(price);
        return (_positive(value), room, fresh && (value > 0 || (value == 0 && totalSupply() == 0)));
    }

    /// @dev The value, and the assets there is room for: under the cap, in the market's record of cash, in shares.
    function _depositTerms(uint256 price) private view returns (int256 value, uint256 room) {
        MarketParams memory params = market.params();
        uint256 insured = market.insuranceFund().available();
        // What traders can't pay insurance may.
        if (price == 0) value = int256(poolAssets());
        else (, value) = _band(price, FixedMath.min(insured, params.insuranceTarget));
        if (insured > params.insuranceTarget) value += int256(insured - params.insuranceTarget);
        uint256 worth = _positive(value);
        room = FixedMath.min(
            params.depositCap > worth ? params.depositCap - worth : 0,
            MAX_CASH - market.poolCash()
        );
        room = FixedMath.min(room, _assetsFor(_shareRoom(), worth, Math.Rounding.Floor));
    }

    /// @dev Shares that can still be made.
    function _shareRoom() internal view returns (uint256) {
        uint256 supply = totalSupply();
        return supply < MAX_SHARES ? MAX_SHARES - supply : 0;
    }

    /// @dev Value redemptions are priced at.
    function _redeemValue(uint256 price) internal view returns (uint256) {
        (int256 low, ) = _band(price, 0);
        return _positive(low);
    }

    /// @dev Money that does not back open positions at `price`.
    function _freeAssets(uint256 price) internal view returns (uint256) {
        uint256 locked = market.lockedAssets(price);
        uint256 assets = poolAssets();
        return assets > locked ? assets - locked : 0;
    }

    function _sharesFor(
        uint256 assets,
        uint256 value,
        Math.Rounding rounding
    ) internal view returns (uint256) {
        return Math.mulDiv(assets, totalSupply() + VIRTUAL_SHARES, value + 1, rounding);
    }

    function _assetsFor(
        uint256 shares,
        uint256 value,
        Math.Rounding rounding
    ) internal view returns (uint256) {
        return Math.mulDiv(shares, value + 1, totalSupply() + VIRTUAL_SHARES, rounding);
    }

    function _decimalsOffset() internal pure override returns (uint8) {
        return 6;
    }

    /// @dev Lowest and highest net asset value over the oracle's band around its latest price, which is `price`. Carry is what accrues at `price`, so
    /// that a preview gives what the deposit then does. `insured` counts with what traders can pay.
    function _band(uint256 price, uint256 insured) private view returns (int256 low, int256 high) {
        (uint256 from, uint256 to) = oracle.band(price);
        (, int256 carry) = market.traderResult(price);
        uint256 assets = poolAssets();
        uint256 collateral = marginVault.totalBalance() + insured;
        (Side memory long, Side memory short) = (market.side(true), market.side(false));
        low = PoolMath.netAssetValue(assets, _netPnl(long, short, from), carry, collateral);
        high = PoolMath.netAssetValue(assets, _netPnl(long, short, to), carry, collateral);
        if (low > high) (low, high) = (high, low);
    }

    /// @dev PnL of all traders, as `IMarketViews.traderResult` has it.
    function _netPnl(Side memory long, Side memory short, uint256 price) private view returns (int256) {
        return
            PositionMath.pnl(int256(uint256(long.openInterest)), long.entryNotional, price, _quoteScale) +
            PositionMath.pnl(-int256(uint256(short.openInterest)), short.entryNotional, price, _quoteScale);
    }

    function _positive(int256 x) private pure returns (uint256) {
        return x > 0 ? uint256(x) : 0;
    }
}
