// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {ERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";
import {IERC165} from "@openzeppelin/contracts/interfaces/IERC165.sol";
import {IERC4626} from "@openzeppelin/contracts/interfaces/IERC4626.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IERC7540Operator, IERC7540Redeem, IERC7575Share, IERC7887Redeem} from "../interfaces/IERC7540.sol";
import {ILiquidityVault} from "../interfaces/ILiquidityVault.sol";
import {Errors} from "../libraries/Errors.sol";
import {FixedMath} from "../libraries/math/FixedMath.sol";
import {MarketConfig, MarketSet} from "../types/MarketConfig.sol";
import {RedeemState} from "../types/Redemption.sol";
import {PoolValue} from "./pool/PoolValue.sol";
import {RedeemRequests} from "./pool/RedeemRequests.sol";

/// @title LiquidityVault
/// @notice The pool. See ILiquidityVault. Table of contents:
/// - PoolValue: what pool and shares are worth
/// - RedeemRequests: requesting, cancelling and fulfilling redemptions
/// - here: depositing, claiming, the money the market moves.
contract LiquidityVault is RedeemRequests, ERC20Permit {
    using SafeERC20 for IERC20;

    constructor(
        MarketConfig memory config,
        MarketSet memory set
    )
        PoolValue(config, set)
        RedeemRequests(config)
        ERC20(string.concat("Bulkhead LP ", config.symbol), string.concat("blp-", config.symbol))
        ERC20Permit(string.concat("Bulkhead LP ", config.symbol))
    {
        IERC20(config.token).forceApprove(set.marginVault, type(uint256).max);
    }

    /* DEPOSIT */

    /// @notice What may be deposited now: the room under the deposit cap; nothing without a fresh price, or while the
    /// pool is worth nothing. Never reverts.
    function maxDeposit(address) public view override(ERC4626, IERC4626) returns (uint256) {
        (uint256 value, uint256 room, bool open) = _peekDepositValue();
        // Room for less than a share is none.
        return open && _sharesFor(room, value, Math.Rounding.Floor) != 0 ? room : 0;
    }

    /// @notice The shares that `maxDeposit` buys, rounded down. Never reverts.
    function maxMint(address) public view override(ERC4626, IERC4626) returns (uint256) {
        (uint256 value, uint256 room, bool open) = _peekDepositValue();
        return open ? FixedMath.min(_sharesFor(room, value, Math.Rounding.Floor), _shareRoom()) : 0;
    }

    /// @notice Shares for `assets` token units, rounded down. Exact in the same block; says nothing about caps or whether
    /// the price is fresh.
    function previewDeposit(uint256 assets) public view override(ERC4626, IERC4626) returns (uint256) {
        (uint256 value, , ) = _peekDepositValue();
        return _sharesFor(assets, value, Math.Rounding.Floor);
    }

    /// @notice Token units for `shares`, rounded up. Exact in the same block; says nothing about caps or whether the price
    /// is fresh.
    function previewMint(uint256 shares) public view override(ERC4626, IERC4626) returns (uint256) {
        (uint256 value, , ) = _peekDepositValue();
        return _assetsFor(shares, value, Math.Rounding.Ceil);
    }

    /// @notice Takes `assets` token units for as many shares as they buy, rounded down. Reverts: the oracle's errors,
    /// PoolInsolvent, PoolAmountTooSmall, ERC4626ExceededMaxDeposit, PoolUnbacked, the token's own errors.
    function deposit(
        uint256 assets,
        address receiver
    ) public override(ERC4626, IERC4626) nonReentrant returns (uint256 shares) {
        (uint256 value, uint256 room) = _accrueAndValue();
        shares = _sharesFor(assets, value, Math.Rounding.Floor);
        _add(receiver, assets, shares, room);
    }

    /// @notice Makes `shares` for what they cost, token units, rounded up. Reverts: as `deposit`.
    function mint(
        uint256 shares,
        address receiver
    ) public override(ERC4626, IERC4626) nonReentrant returns (uint256 assets) {
        (uint256 value, uint256 room) = _accrueAndValue();
        assets = _assetsFor(shares, value, Math.Rounding.Ceil);
        _add(receiver, assets, shares, room);
    }

    /* CLAIM */

    /// @notice Assets that `controller` can claim.
    function maxWithdraw(address controller) public view override(ERC4626, IERC4626) returns (uint256) {
        return _stateOf(controller).claimableAssets;
    }

    /// @notice Redeemed shares whose assets `controller` can claim.
    function maxRedeem(address controller) public view override(ERC4626, IERC4626) returns (uint256) {
        return _stateOf(controller).claimableShares;
    }

    /// @notice Reverts, as ERC-7540 has it: what a claim brings depends on whose it is. See maxWithdraw.
    function previewWithdraw(uint256) public pure override(ERC4626, IERC4626) returns (uint256) {
        revert Errors.PreviewUnavailable();
    }

    /// @notice Reverts, as ERC-7540 has it: what a claim brings depends on whose it is. See maxWithdraw.
    function previewRedeem(uint256) public pure override(ERC4626, IERC4626) returns (uint256) {
        revert Errors.PreviewUnavailable();
    }

    /// @notice Claims `assets` token units of what was redeemed for `controller`, with its part of the shares rounded up. By
    /// them or their operator. Reverts: NotRequestOperator, ERC4626ExceededMaxWithdraw, the token's own errors.
    function withdraw(
        uint256 assets,
        address receiver,
        address controller
    ) public override(ERC4626, IERC4626) nonReentrant onlyController(controller) returns (uint256 shares) {
        RedeemState storage s = _takeUp(controller);
        uint256 all = s.claimableAssets;
        if (assets > all) revert ERC4626ExceededMaxWithdraw(controller, assets, all);
        if (assets != 0) shares = FixedMath.mulDivUp(s.claimableShares, assets, all);
        _pay(s, receiver, controller, assets, shares);
    }

    /// @notice Claims what `shares` of those redeemed for `controller` were redeemed for, rounded down; the last take the
    /// rest. By them or their operator. Reverts: NotRequestOperator, ERC4626ExceededMaxRedeem, the token's own errors.
    function redeem(
        uint256 shares,
        address receiver,
        address controller
    ) public override(ERC4626, IERC4626) nonReentrant onlyController(controller) returns (uint256 assets) {
        RedeemState storage s = _takeUp(controller);
        uint256 all = s.claimableShares;
        if (shares > all) revert ERC4626ExceededMaxRedeem(controller, shares, all);
        if (shares != 0) assets = FixedMath.mulDivDown(s.claimableAssets, shares, all);
        _pay(s, receiver, controller, assets, shares);
    }

    /// @inheritdoc IERC7540Redeem
    function pendingRedeemRequest(uint256 requestId, address controller) external view returns (uint256) {
        RedeemState memory s = _stateOf(controller);
        return requestId == 0 ? s.shares + s.laterShares : 0;
    }

    /// @inheritdoc IERC7540Redeem
    function claimableRedeemRequest(uint256 requestId, address controller) external view returns (uint256) {
        return requestId == 0 ? _stateOf(controller).claimableShares : 0;
    }

    /// @inheritdoc IERC7887Redeem
    function pendingCancelRedeemRequest(uint256, address) external pure returns (bool) {
        return false;
    }

    /// @inheritdoc IERC7887Redeem
    function claimableCancelRedeemRequest(
        uint256 requestId,
        address controller
    ) external view returns (uint256) {
        return requestId == 0 ? _stateOf(controller).cancelledShares : 0;
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

    /* TOKEN */

    /// @inheritdoc IERC7575Share
    function share() external view returns (address) {
        return address(this);
    }

    /// @inheritdoc IERC165
    function supportsInterface(bytes4 interfaceId) external pure returns (bool) {
        // ERC-7575's id covers ERC-4626 without its token, and `share`.
        return
            interfaceId == type(IERC165).interfaceId ||
            interfaceId == type(IERC7540Operator).interfaceId ||
            interfaceId == type(IERC7540Redeem).interfaceId ||
            interfaceId == type(IERC7887Redeem).interfaceId ||
            interfaceId == (type(IERC4626).interfaceId ^ type(IERC7575Share).interfaceId);
    }

    function decimals() public view override(ERC20, ERC4626, IERC20Metadata) returns (uint8) {
        return super.decimals();
    }

    /* INTERNAL */

    /// @dev Carry is brought up to date so that an LP neither pays for nor gains from time before them. The market's
    /// own lock makes this revert while a trade is half done.
    function _accrueAndValue() private returns (uint256 value, uint256 room) {
        market.accrue();
        return _depositValue();
    }

    function _add(address receiver, uint256 assets, uint256 shares, uint256 room) private {
        if (assets == 0 || shares == 0) revert Errors.PoolAmountTooSmall(assets);
        if (assets > room) revert ERC4626ExceededMaxDeposit(receiver, assets, room);
        uint256 recorded = cash() + reservedAssets() + assets;
        // Shares and cash in one go: while the token is called there are neither.
        _deposit(msg.sender, receiver, assets, shares);
        market.addPoolCash(assets);
        // Borrow rates follow from what the pool has.
        market.accrue();
        uint256 held = IERC20(asset()).balanceOf(address(this));
        if (held < recorded) revert Errors.PoolUnbacked(held, recorded);
    }

    function _pay(
        RedeemState storage s,
        address receiver,
        address controller,
        uint256 assets,
        uint256 shares
    ) private {
        _release(s, shares, assets);
        emit Withdraw(msg.sender, receiver, controller, assets, shares);
        IERC20(asset()).safeTransfer(receiver, assets);
    }

    function _collect() internal override returns (uint256 amount) {
        amount = FixedMath.min(marginVault.claimOf(address(this)), MAX_CASH - cash());
        market.addPoolCash(amount);
        emit Collected(amount);
        marginVault.claim(address(this), amount);
    }
}
