// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";
import {IERC4626} from "@openzeppelin/contracts/interfaces/IERC4626.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {ILiquidityVault} from "../interfaces/ILiquidityVault.sol";
import {IMarginVault} from "../interfaces/IMarginVault.sol";
import {IPerpMarket} from "../interfaces/IPerpMarket.sol";
import {IPriceOracle} from "../interfaces/IPriceOracle.sol";
import {Errors} from "../libraries/Errors.sol";
import {FixedMath} from "../libraries/math/FixedMath.sol";
import {PoolMath} from "../libraries/math/PoolMath.sol";
import {MarketConfig, MarketSet} from "../types/MarketConfig.sol";

/// @title LiquidityVault
/// @notice The pool. See ILiquidityVault. Deposits are priced at the highest net asset value over the oracle's
/// uncertainty band, redemptions at the lowest, so that neither gains from a pending observation.
contract LiquidityVault is ILiquidityVault, ERC4626, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    /// @dev Shares that exist in the price but belong to nobody: inflating the price costs 10^6 times the gain.
    uint256 private constant VIRTUAL_SHARES = 1e6;

    /// @dev The market records the cash in 96 bits.
    uint256 private constant MAX_CASH = type(uint96).max;

    IMarginVault public immutable marginVault;
    IPerpMarket public immutable market;
    IPriceOracle public immutable oracle;

    constructor(
        MarketConfig memory config,
        MarketSet memory set
    )
        ERC4626(IERC20(config.token))
        ERC20(string.concat("Bulkhead LP ", config.symbol), string.concat("blp-", config.symbol))
    {
        marginVault = IMarginVault(set.marginVault);
        market = IPerpMarket(set.market);
        oracle = IPriceOracle(config.oracle);
        IERC20(config.token).forceApprove(set.marginVault, type(uint256).max);
    }

    /* NET ASSET VALUE */

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

    /// @notice Net asset value at the latest price, fresh or not; 0 if negative.
    function totalAssets() public view override(ERC4626, IERC4626) returns (uint256) {
        (uint256 price, , ) = oracle.peek();
        return _positive(netAssetValue(price));
    }

    /* ERC-4626 */

    function maxDeposit(address) public view override(ERC4626, IERC4626) returns (uint256) {
        (uint256 low, , bool fresh) = _valueBand();
        if (!fresh || (low == 0 && totalSupply() != 0)) return 0;
        return MAX_CASH - cash();
    }

    function maxMint(address receiver) public view override(ERC4626, IERC4626) returns (uint256) {
        uint256 assets = maxDeposit(receiver);
        return assets == 0 ? 0 : previewDeposit(assets);
    }

    function maxWithdraw(address owner) public view override(ERC4626, IERC4626) returns (uint256) {
        return previewRedeem(maxRedeem(owner));
    }

    function maxRedeem(address owner) public view override(ERC4626, IERC4626) returns (uint256) {
        (uint256 low, , bool fresh) = _valueBand();
        if (!fresh) return 0;
        uint256 free = _freeAssets();
        uint256 shares = balanceOf(owner);
        return
            _assetsFor(shares, low, Math.Rounding.Floor) <= free
                ? shares
                : _sharesFor(free, low, Math.Rounding.Floor);
    }

    function previewDeposit(uint256 assets) public view override(ERC4626, IERC4626) returns (uint256) {
        (, uint256 high, ) = _valueBand();
        return _sharesFor(assets, high, Math.Rounding.Floor);
    }

    function previewMint(uint256 shares) public view override(ERC4626, IERC4626) returns (uint256) {
        (, uint256 high, ) = _valueBand();
        return _assetsFor(shares, high, Math.Rounding.Ceil);
    }

    function previewWithdraw(uint256 assets) public view override(ERC4626, IERC4626) returns (uint256) {
        (uint256 low, , ) = _valueBand();
        return _sharesFor(assets, low, Math.Rounding.Ceil);
    }

    function previewRedeem(uint256 shares) public view override(ERC4626, IERC4626) returns (uint256) {
        (uint256 low, , ) = _valueBand();
        return _assetsFor(shares, low, Math.Rounding.Floor);
    }

    function deposit(
        uint256 assets,
        address receiver
    ) public override(ERC4626, IERC4626) nonReentrant accrued returns (uint256) {
        uint256 shares = _sharesFor(assets, _depositValue(), Math.Rounding.Floor);
        _deposit(msg.sender, receiver, assets, shares);
        return shares;
    }

    function mint(
        uint256 shares,
        address receiver
    ) public override(ERC4626, IERC4626) nonReentrant accrued returns (uint256) {
        uint256 assets = _assetsFor(shares, _depositValue(), Math.Rounding.Ceil);
        _deposit(msg.sender, receiver, assets, shares);
        return assets;
    }

    function withdraw(
        uint256 assets,
        address receiver,
        address owner
    ) public override(ERC4626, IERC4626) nonReentrant accrued returns (uint256) {
        uint256 shares = _sharesFor(assets, _redeemValue(), Math.Rounding.Ceil);
        _withdraw(msg.sender, receiver, owner, assets, shares);
        return shares;
    }

    function redeem(
        uint256 shares,
        address receiver,
        address owner
    ) public override(ERC4626, IERC4626) nonReentrant accrued returns (uint256) {
        uint256 assets = _assetsFor(shares, _redeemValue(), Math.Rounding.Floor);
        _withdraw(msg.sender, receiver, owner, assets, shares);
        return assets;
    }

    /* MARKET */

    /// @inheritdoc ILiquidityVault
    function provide(uint256 amount) external {
        if (msg.sender != address(market)) revert Errors.Unauthorized(msg.sender, address(market));
        emit Provided(amount);
        marginVault.fund(address(this), amount);
    }

    /// @inheritdoc ILiquidityVault
    function collect() external nonReentrant returns (uint256) {
        return _collect();
    }

    /* INTERNAL */

    /// @dev Brings carry up to date so that an LP neither pays for nor gains from time before them. The
    /// market's own lock makes this revert while a trade is half done.
    modifier accrued() {
        market.accrue();
        _;
    }

    /// @dev Value deposits are priced at; reverts without a fresh price, and when the pool is worth nothing.
    function _depositValue() private view returns (uint256 high) {
        (uint256 price, ) = oracle.latest();
        int256 value;
        (, value) = _band(price);
        value += _surplus();
        if (value <= 0 && totalSupply() != 0) revert Errors.PoolInsolvent(value);
        return _positive(value);
    }

    /// @dev What insurance could give the pool at any moment: who deposits pays for it, so that a deposit before it and a
    /// redemption after it gain nothing.
    function _surplus() private view returns (int256) {
        return int256(market.insuranceFund().surplus());
    }

    /// @dev Value redemptions are priced at; reverts without a fresh price.
    function _redeemValue() private view returns (uint256) {
        (uint256 price, ) = oracle.latest();
        (int256 low, ) = _band(price);
        return _positive(low);
    }

    /// @dev Lowest and highest net asset value over price · (1 ± uncertainty). Carry is what accrues at `price`, so
    /// that a preview gives what the deposit or redemption then does.
    function _band(uint256 price) private view returns (int256 low, int256 high) {
        uint256 half = FixedMath.mulWadUp(price, oracle.uncertainty());
        (, int256 carry) = market.traderResult(price);
        low = _valueAt(price - half, carry);
        high = _valueAt(price + half, carry);
        if (low > high) (low, high) = (high, low);
    }

    /// @dev Net asset value with traders' PnL at `price` and a known carry.
    function _valueAt(uint256 price, int256 carry) private view returns (int256) {
        (int256 netPnl, ) = market.traderResult(price);
        return PoolMath.netAssetValue(poolAssets(), netPnl, carry, marginVault.totalBalance());
    }

    /// @dev The band at the latest price for views: never reverts, says whether the price is fresh.
    function _valueBand() private view returns (uint256, uint256, bool) {
        (uint256 price, , bool fresh) = oracle.peek();
        (int256 low, int256 high) = _band(price);
        return (_positive(low), _positive(high + _surplus()), fresh);
    }

    /// @dev Money that does not back open positions, at the latest price; no more than is there.
    function _freeAssets() private view returns (uint256) {
        (uint256 price, , ) = oracle.peek();
        uint256 locked = market.lockedAssets(price);
        uint256 assets = poolAssets();
        return assets > locked ? assets - locked : 0;
    }

    /// @dev Virtual shares: 10^6 shares and one unit of assets that nobody owns.
    function _sharesFor(
        uint256 assets,
        uint256 value,
        Math.Rounding rounding
    ) private view returns (uint256) {
        return Math.mulDiv(assets, totalSupply() + VIRTUAL_SHARES, value + 1, rounding);
    }

    function _assetsFor(
        uint256 shares,
        uint256 value,
        Math.Rounding rounding
    ) private view returns (uint256) {
        return Math.mulDiv(shares, value + 1, totalSupply() + VIRTUAL_SHARES, rounding);
    }

    function _decimalsOffset() internal pure override returns (uint8) {
        return 6;
    }

    function _positive(int256 x) private pure returns (uint256) {
        return x > 0 ? uint256(x) : 0;
    }

    function _deposit(address caller, address receiver, uint256 assets, uint256 shares) internal override {
        if (assets == 0 || shares == 0) revert Errors.PoolAmountTooSmall(assets);
        uint256 recorded = cash();
        if (assets > MAX_CASH - recorded)
            revert ERC4626ExceededMaxDeposit(receiver, assets, MAX_CASH - recorded);
        recorded += assets;
        market.addPoolCash(assets);
        super._deposit(caller, receiver, assets, shares);
        uint256 held = IERC20(asset()).balanceOf(address(this));
        if (held < recorded) revert Errors.PoolUnbacked(held, recorded);
    }

    function _withdraw(
        address caller,
        address receiver,
        address owner,
        uint256 assets,
        uint256 shares
    ) internal override {
        if (assets == 0 || shares == 0) revert Errors.PoolAmountTooSmall(shares);
        uint256 free = _freeAssets();
        if (assets > free) revert ERC4626ExceededMaxWithdraw(owner, assets, free);
        if (cash() < assets) _collect();
        market.takePoolCash(assets);
        super._withdraw(caller, receiver, owner, assets, shares);
    }

    function _collect() private returns (uint256 amount) {
        amount = marginVault.claimOf(address(this));
        market.addPoolCash(amount);
        emit Collected(amount);
        marginVault.claim(address(this), amount);
    }
}
