// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {IOrderBook} from "../interfaces/IOrderBook.sol";
import {Errors} from "../libraries/Errors.sol";
import {RequestHash} from "../libraries/RequestHash.sol";
import {OrderRequest, RestingRequest} from "../types/Order.sol";
import {Signed, TokenPermit} from "../types/Signed.sol";
import {RestingOrders} from "./RestingOrders.sol";

/// @notice Orders signed by their owner and sent by anyone, who is paid from the execution fee.
abstract contract SignedOrders is RestingOrders {
    /// @inheritdoc IOrderBook
    function commitSigned(
        OrderRequest calldata request,
        Signed calldata by,
        TokenPermit calldata permit
    ) external nonReentrant returns (bytes32 orderId, uint256 positionId) {
        _requireSigned(RequestHash.commit(request, by), by);
        _usePermit(by.owner, permit);
        uint128 fee = _settlersShare(request.executionFee, by.relayFee);
        (orderId, positionId) = _commit(by.owner, request, fee);
        _payRelay(positionId, by.relayFee);
    }

    /// @inheritdoc IOrderBook
    function placeSigned(
        RestingRequest calldata request,
        Signed calldata by,
        TokenPermit calldata permit
    ) external nonReentrant returns (bytes32 orderId, uint256 positionId) {
        _requireSigned(RequestHash.place(request, by), by);
        _usePermit(by.owner, permit);
        uint128 fee = _settlersShare(request.executionFee, by.relayFee);
        (orderId, positionId) = _place(by.owner, request, fee);
        _payRelay(positionId, by.relayFee);
    }

    /// @inheritdoc IOrderBook
    function cancelNonces(uint256 word, uint256 mask) external {
        _nonces[msg.sender][word] |= mask;
        emit NoncesCancelled(msg.sender, word, mask);
    }

    /* INTERNAL */

    /// @dev Consumes the nonce.
    function _requireSigned(bytes32 structHash, Signed calldata by) private {
        if (block.timestamp > by.validUntil) revert Errors.SignatureExpired(by.validUntil);
        if (_isNonceUsed(by.owner, by.nonce)) revert Errors.NonceUsed(by.owner, by.nonce);
        _nonces[by.owner][by.nonce >> 8] |= 1 << (by.nonce & 255);
        _requireSignature(by.owner, structHash, by.signature);
    }

    /// @dev A permit that fails may have been used by somebody else before: the allowance decides.
    function _usePermit(address owner, TokenPermit calldata permit) private {
        if (permit.value == 0) return;
        try
            IERC20Permit(address(market.token())).permit(
                owner,
                address(market.marginVault()),
                permit.value,
                permit.deadline,
                permit.v,
                permit.r,
                permit.s
            )
        {} catch {
            // See above.
        }
    }

    function _settlersShare(uint128 executionFee, uint128 relayFee) private pure returns (uint128) {
        if (relayFee > executionFee) revert Errors.RelayFeeTooHigh(relayFee, executionFee);
        return executionFee - relayFee;
    }

    function _payRelay(uint256 positionId, uint256 relayFee) private {
        if (relayFee != 0) market.release(positionId, relayFee, msg.sender, true);
    }
}
