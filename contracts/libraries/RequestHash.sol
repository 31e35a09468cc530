// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {OrderRequest, RestingRequest} from "../types/Order.sol";
import {Session} from "../types/Session.sol";
import {Signed} from "../types/Signed.sol";

/// @notice EIP-712 struct hashes of signed requests.
library RequestHash {
    bytes private constant ORDER =
        "OrderRequest(uint256 positionId,int128 sizeDelta,uint256 collateral,uint256 acceptablePrice,uint128 executionFee,uint40 deadline)";
    bytes private constant RESTING =
        "RestingRequest(uint256 positionId,int128 sizeDelta,uint256 collateral,uint256 acceptablePrice,uint128 executionFee,uint40 deadline,uint128 limitPrice,uint128 stopPrice,uint128 trail,bool trailIsRatio,bool reduceOnly,bool beyondLiquidation)";

    bytes32 private constant ORDER_TYPE = keccak256(ORDER);
    bytes32 private constant RESTING_TYPE = keccak256(RESTING);
    bytes32 private constant COMMIT_TYPE = keccak256(
        abi.encodePacked(
            "Commit(OrderRequest request,address owner,uint256 nonce,uint256 validUntil,uint128 relayFee)",
            ORDER
        )
    );
    bytes32 private constant PLACE_TYPE = keccak256(
        abi.encodePacked(
            "Place(RestingRequest request,address owner,uint256 nonce,uint256 validUntil,uint128 relayFee)",
            RESTING
        )
    );

    bytes32 private constant SESSION_TYPE = keccak256(
        "Session(address owner,address key,uint256 nonce,uint128 maxLeverage,uint128 maxNotional,uint128 lossBudget,uint40 expiresAt,bool reduceOnly)"
    );

    /// @notice Struct hash of a signed market order.
    function commit(OrderRequest calldata request, Signed calldata by) internal pure returns (bytes32) {
        return _wrap(COMMIT_TYPE, keccak256(abi.encode(ORDER_TYPE, request)), by);
    }

    /// @notice Struct hash of a signed resting order.
    function place(RestingRequest calldata request, Signed calldata by) internal pure returns (bytes32) {
        return _wrap(PLACE_TYPE, keccak256(abi.encode(RESTING_TYPE, request)), by);
    }

    /// @notice Struct hash of a session, which is its id.
    function session(Session calldata s) internal pure returns (bytes32) {
        return keccak256(abi.encode(SESSION_TYPE, s));
    }

    function _wrap(bytes32 typeHash, bytes32 request, Signed calldata by) private pure returns (bytes32) {
        return keccak256(abi.encode(typeHash, request, by.owner, by.nonce, by.validUntil, by.relayFee));
    }
}
