// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {IOrderBook} from "../interfaces/IOrderBook.sol";
import {Errors} from "../libraries/Errors.sol";
import {RequestHash} from "../libraries/RequestHash.sol";
import {OrderRequest, RestingRequest} from "../types/Order.sol";
import {Signed, TokenPermit} from "../types/Signed.sol";
import {TwapOrders} from "./TwapOrders.sol";

/// @notice Orders signed by their owner and sent by anyone, who is paid from the execution fee.
abstract contract SignedOrders is TwapOrders, EIP712("Bulkhead", "1") {
    /// @dev Used nonces, 256 to a word.
    mapping(address owner => mapping(uint256 word => uint256)) private _nonces;

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

    /// @inheritdoc IOrderBook
    function isNonceUsed(address owner, uint256 nonce) public view returns (bool) {
        return (_nonces[owner][nonce >> 8] >> (nonce & 255)) & 1 == 1;
    }

    /// @inheritdoc IOrderBook
    function domainSeparator() external view returns (bytes32) {
        return _domainSeparatorV4();
    }

    /* INTERNAL */

    /// @dev Consumes the nonce.
    function _requireSigned(bytes32 structHash, Signed calldata by) private {
        if (block.timestamp > by.validUntil) revert Errors.SignatureExpired(by.validUntil);
        if (isNonceUsed(by.owner, by.nonce)) revert Errors.NonceUsed(by.owner, by.nonce);
        _nonces[by.owner][by.nonce >> 8] |= 1 << (by.nonce & 255);
        bytes32 digest = _hashTypedDataV4(structHash);
        if (by.owner.code.length != 0) {
            if (!SignatureChecker.isValidERC1271SignatureNow(by.owner, digest, by.signature))
                revert Errors.SignatureRefused(by.owner);
            return;
        }
        (address signer, ECDSA.RecoverError problem, ) = ECDSA.tryRecover(digest, by.signature);
        if (problem != ECDSA.RecoverError.NoError) revert Errors.SignatureMalformed();
        if (signer != by.owner) revert Errors.SignatureOfAnother(signer, by.owner);
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
