// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {IInsuranceFund} from "../interfaces/IInsuranceFund.sol";
import {IMarginVault} from "../interfaces/IMarginVault.sol";
import {IMarketViews} from "../interfaces/IMarketViews.sol";
import {Errors} from "../libraries/Errors.sol";
import {FixedMath} from "../libraries/math/FixedMath.sol";
import {MarketConfig, MarketSet} from "../types/MarketConfig.sol";

/// @title InsuranceFund
/// @notice First-loss backstop. See IInsuranceFund.
contract InsuranceFund is IInsuranceFund {
    using SafeERC20 for IERC20;

    /* STORAGE: token units */

    uint256 public reserve;

    IERC20 public immutable token;
    IMarginVault public immutable marginVault;
    address public immutable market;
    address public immutable liquidityVault;

    constructor(MarketConfig memory config, MarketSet memory set) {
        token = IERC20(config.token);
        marginVault = IMarginVault(set.marginVault);
        market = set.market;
        liquidityVault = set.liquidityVault;
        token.forceApprove(set.marginVault, type(uint256).max);
    }

    /// @inheritdoc IInsuranceFund
    function available() public view returns (uint256) {
        return reserve + marginVault.claimOf(address(this));
    }

    /// @inheritdoc IInsuranceFund
    function donate(uint256 amount) external {
        if (amount == 0) revert Errors.ZeroAmount();
        reserve += amount;
        emit Donated(msg.sender, amount);
        token.safeTransferFrom(msg.sender, address(this), amount);
        uint256 held = token.balanceOf(address(this));
        if (held < reserve) revert Errors.InsuranceUnbacked(held, reserve);
    }

    /// @inheritdoc IInsuranceFund
    function cover(address to, uint256 amount) external returns (uint256 paid) {
        if (msg.sender != market) revert Errors.Unauthorized(msg.sender, market);
        paid = _pay(to, amount);
        emit Covered(to, amount, paid);
    }

    /// @inheritdoc IInsuranceFund
    function surplus() public view returns (uint256) {
        uint256 target = IMarketViews(market).params().insuranceTarget;
        uint256 held = available();
        return held > target ? held - target : 0;
    }

    /// @inheritdoc IInsuranceFund
    function releaseSurplus() external returns (uint256 amount) {
        amount = surplus();
        emit SurplusReleased(amount);
        _pay(liquidityVault, amount);
    }

    /// @inheritdoc IInsuranceFund
    function collect() external returns (uint256 amount) {
        amount = marginVault.claimOf(address(this));
        reserve += amount;
        emit Collected(amount);
        marginVault.claim(address(this), amount);
    }

    /// @dev Credits what there is of `amount` to the claim of `to`, from the fund's own claim first.
    function _pay(address to, uint256 amount) private returns (uint256 paid) {
        uint256 claim = marginVault.claimOf(address(this));
        uint256 fromClaim = FixedMath.min(amount, claim);
        uint256 fromReserve = FixedMath.min(amount - fromClaim, reserve);
        paid = fromClaim + fromReserve;
        reserve -= fromReserve;
        if (fromClaim != 0) marginVault.transferClaim(to, fromClaim);
        if (fromReserve != 0) marginVault.fund(to, fromReserve);
    }
}
