// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IMarginVault} from "../interfaces/IMarginVault.sol";
import {Constants} from "../libraries/Constants.sol";
import {Errors} from "../libraries/Errors.sol";
import {MarketConfig, MarketSet} from "../types/MarketConfig.sol";
import {Payment} from "../types/Payment.sol";

/// @title MarginVault
/// @notice The kernel of Bulkhead. See IMarginVault.
contract MarginVault is IMarginVault {
    using SafeERC20 for IERC20;
    using SafeCast for uint256;

    /* STORAGE: token units */

    mapping(uint256 positionId => uint256) public balanceOf;
    mapping(address account => uint256) private _claims;

    /// @dev Claims of the insurance fund and the treasury; every trade credits both.
    uint128 private _insuranceClaim;
    uint128 private _treasuryClaim;

    /// @dev Σ balanceOf and Σ claimOf; most movements change both.
    uint128 private _totalBalance;
    uint128 private _totalClaim;

    IERC20 public immutable token;
    address public immutable market;
    address public immutable pool;
    address public immutable insuranceFund;
    address public immutable treasury;

    constructor(MarketConfig memory config, MarketSet memory set) {
        token = IERC20(config.token);
        market = set.market;
        pool = set.liquidityVault;
        insuranceFund = set.insuranceFund;
        treasury = config.treasury;
    }

    modifier onlyMarket() {
        if (msg.sender != market) revert Errors.Unauthorized(msg.sender, market);
        _;
    }

    /// @inheritdoc IMarginVault
    function claimOf(address account) public view returns (uint256) {
        if (account == insuranceFund) return _insuranceClaim;
        if (account == treasury) return _treasuryClaim;
        return _claims[account];
    }

    /// @inheritdoc IMarginVault
    function accountOf(uint256 positionId) external view returns (uint256 balance, uint256 poolClaim) {
        return (balanceOf[positionId], claimOf(pool));
    }

    function totalBalance() external view returns (uint256) {
        return _totalBalance;
    }

    function totalClaim() external view returns (uint256) {
        return _totalClaim;
    }

    /* POSITIONS */

    /// @inheritdoc IMarginVault
    function deposit(uint256 positionId, address payer, uint256 amount) external onlyMarket {
        balanceOf[positionId] += amount;
        _totalBalance += amount.toUint128();
        emit Deposited(positionId, payer, amount);
        _pull(payer, amount);
    }

    /// @inheritdoc IMarginVault
    function settle(uint256 positionId, Payment calldata payment) external onlyMarket {
        _settle(positionId, payment);
        emit Settled(positionId, payment);
    }

    /// @inheritdoc IMarginVault
    function close(uint256 positionId, Payment calldata payment, address to) external onlyMarket {
        _settle(positionId, payment);
        uint256 left = balanceOf[positionId];
        bool pushed = _withdraw(positionId, to, left);
        emit Closed(positionId, to, payment, left, pushed);
    }

    /// @inheritdoc IMarginVault
    function withdraw(uint256 positionId, address to, uint256 amount) external onlyMarket {
        bool pushed = _withdraw(positionId, to, amount);
        emit Withdrawn(positionId, to, amount, pushed);
    }

    /* CLAIMS */

    /// @inheritdoc IMarginVault
    function fund(address account, uint256 amount) external {
        _creditClaim(account, amount);
        _totalClaim += amount.toUint128();
        emit Funded(msg.sender, account, amount);
        _pull(msg.sender, amount);
    }

    /// @inheritdoc IMarginVault
    function transferClaim(address to, uint256 amount) external {
        if (to == address(0)) revert Errors.ZeroAddress();
        _debitClaim(msg.sender, amount);
        _creditClaim(to, amount);
        emit ClaimTransferred(msg.sender, to, amount);
    }

    /// @inheritdoc IMarginVault
    function claim(address to, uint256 amount) external {
        _debitClaim(msg.sender, amount);
        _totalClaim -= amount.toUint128();
        emit Claimed(msg.sender, to, amount);
        token.safeTransfer(to, amount);
    }

    /// @inheritdoc IMarginVault
    function surplus() public view returns (uint256) {
        uint256 held = token.balanceOf(address(this));
        uint256 owed = uint256(_totalBalance) + _totalClaim;
        return held > owed ? held - owed : 0;
    }

    /// @inheritdoc IMarginVault
    function skim() external returns (uint256 amount) {
        amount = surplus();
        _creditClaim(insuranceFund, amount);
        _totalClaim += amount.toUint128();
        emit Funded(address(this), insuranceFund, amount);
    }

    /* INTERNAL */

    function _settle(uint256 positionId, Payment calldata payment) private {
        uint256 paidIn = payment.fromPool;
        uint256 paidOut = payment.toPool + payment.toInsurance + payment.toTreasury + payment.toKeeper;
        _debitClaim(pool, paidIn);
        uint256 balance = balanceOf[positionId] + paidIn;
        if (paidOut > balance) revert Errors.MarginVaultInsufficientBalance(positionId, balance, paidOut);
        balanceOf[positionId] = balance - paidOut;
        _creditClaim(pool, payment.toPool);
        _creditClaim(insuranceFund, payment.toInsurance);
        _creditClaim(treasury, payment.toTreasury);
        _creditClaim(payment.keeper, payment.toKeeper);
        (_totalBalance, _totalClaim) = (
            (_totalBalance + paidIn - paidOut).toUint128(),
            (_totalClaim + paidOut - paidIn).toUint128()
        );
    }

    /// @dev A transfer that fails becomes a claim.
    function _withdraw(uint256 positionId, address to, uint256 amount) private returns (bool pushed) {
        uint256 balance = balanceOf[positionId];
        if (amount > balance) revert Errors.MarginVaultInsufficientBalance(positionId, balance, amount);
        balanceOf[positionId] = balance - amount;
        _totalBalance -= amount.toUint128();
        pushed = amount == 0 || _push(to, amount);
        if (!pushed) {
            _creditClaim(to, amount);
            _totalClaim += amount.toUint128();
        }
    }

    function _debitClaim(address account, uint256 amount) private {
        if (amount == 0) return;
        uint256 balance = claimOf(account);
        if (amount > balance) revert Errors.MarginVaultInsufficientClaim(account, balance, amount);
        _setClaim(account, balance - amount);
    }

    function _creditClaim(address account, uint256 amount) private {
        if (amount != 0) _setClaim(account, claimOf(account) + amount);
    }

    function _setClaim(address account, uint256 amount) private {
        if (account == insuranceFund) _insuranceClaim = amount.toUint128();
        else if (account == treasury) _treasuryClaim = amount.toUint128();
        else _claims[account] = amount;
    }

    /// @dev Checks what is held against what is owed, so a token that delivers less than asked fails loudly.
    function _pull(address payer, uint256 amount) private {
        token.safeTransferFrom(payer, address(this), amount);
        uint256 held = token.balanceOf(address(this));
        uint256 owed = uint256(_totalBalance) + _totalClaim;
        if (held < owed) revert Errors.MarginVaultUnbacked(held, owed);
    }

    /// @dev A transfer that neither reverts nor lets its receiver do so: bounded gas, return data cut to one word.
    function _push(address to, uint256 amount) private returns (bool ok) {
        bytes memory data = abi.encodeCall(IERC20.transfer, (to, amount));
        address target = address(token);
        uint256 gasLimit = Constants.PUSH_GAS;
        // Memory-safe: the return value is read from scratch space. A token without return value counts as success
        // when it has code.
        assembly ("memory-safe") {
            ok := call(gasLimit, target, 0, add(data, 0x20), mload(data), 0, 0x20)
            if ok {
                switch returndatasize()
                case 0 {
                    ok := gt(extcodesize(target), 0)
                }
                default {
                    ok := and(gt(returndatasize(), 31), eq(mload(0), 1))
                }
            }
        }
    }
}
