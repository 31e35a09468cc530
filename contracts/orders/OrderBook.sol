// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Multicall} from "@openzeppelin/contracts/utils/Multicall.sol";
import {IOrderBook} from "../interfaces/IOrderBook.sol";
import {IOrderModule} from "../interfaces/IOrderModule.sol";
import {ModuleCall} from "../libraries/ModuleCall.sol";
import {MarketConfig, MarketSet} from "../types/MarketConfig.sol";
import {OrderParams} from "../types/MarketParams.sol";
import {
    OrderRequest,
    ProtectiveOrder,
    ProtectiveRequest,
    RestingOrder,
    RestingRequest,
    TwapOrder,
    TwapRequest
} from "../types/Order.sol";
import {Session, SessionState, Stake} from "../types/Session.sol";
import {OrderStorage} from "./OrderStorage.sol";
import {SignedOrders} from "./SignedOrders.sol";

/// @title OrderBook
/// @notice Every order of one market. Table of contents:
/// - MarketOrders: commit, settle, expire
/// - RestingOrders: place, cancel, trigger
/// - SignedOrders: commitSigned, placeSigned, cancelNonces
/// - OrderModule, by delegatecall because one contract has no room for all: orders in slices, protective orders,
///   sessions
/// - here: multicall (all or nothing), attemptMany (what can be done), views
/// - OrderEntry: how orders come in; OrderStorage: what is stored, and what all of them check.
contract OrderBook is SignedOrders, Multicall {
    /// @inheritdoc IOrderBook
    uint256 public constant LAST_POSITION = _LAST_POSITION;

    /// @inheritdoc IOrderBook
    address public immutable module;

    constructor(MarketConfig memory config, MarketSet memory set) OrderStorage(config, set) {
        module = set.orderModule;
        _readNativePrice();
    }

    /// @inheritdoc IOrderBook
    function attemptMany(bytes[] calldata calls) external returns (bool[] memory done) {
        done = new bool[](calls.length);
        for (uint256 i; i < calls.length; ++i) {
            // The code is this contract's own, and the caller stays who they are.
            // solhint-disable-next-line avoid-low-level-calls
            (bool succeeded, bytes memory reason) = address(this).delegatecall(calls[i]);
            done[i] = succeeded;
            if (!succeeded) emit CallSkipped(i, reason);
        }
    }

    /* MODULE */

    /// @inheritdoc IOrderModule
    function placeTwap(TwapRequest calldata) external returns (bytes32, uint256) {
        ModuleCall.forward(module);
    }

    /// @inheritdoc IOrderModule
    function settleSlice(TwapOrder calldata, bytes calldata, address) external {
        ModuleCall.forward(module);
    }

    /// @inheritdoc IOrderModule
    function cancelTwap(TwapOrder calldata) external {
        ModuleCall.forward(module);
    }

    /// @inheritdoc IOrderModule
    function placeProtective(ProtectiveRequest calldata) external returns (bytes32, uint256) {
        ModuleCall.forward(module);
    }

    /// @inheritdoc IOrderModule
    function protect(ProtectiveOrder calldata, address) external {
        ModuleCall.forward(module);
    }

    /// @inheritdoc IOrderModule
    function cancelProtective(ProtectiveOrder calldata) external {
        ModuleCall.forward(module);
    }

    /// @inheritdoc IOrderModule
    function commitBySession(
        Session calldata,
        bytes calldata,
        OrderRequest calldata
    ) external returns (bytes32, uint256) {
        ModuleCall.forward(module);
    }

    /// @inheritdoc IOrderModule
    function placeBySession(
        Session calldata,
        bytes calldata,
        RestingRequest calldata
    ) external returns (bytes32, uint256) {
        ModuleCall.forward(module);
    }

    /// @inheritdoc IOrderModule
    function cancelBySession(Session calldata, bytes calldata, RestingOrder calldata) external {
        ModuleCall.forward(module);
    }

    /// @inheritdoc IOrderModule
    function updateNativePrice() external {
        ModuleCall.forward(module);
    }

    /* VIEWS */

    /// @inheritdoc IOrderBook
    function commitmentOf(address owner, uint256 slot) external view returns (bytes32 orderId) {
        return _liveOrder(owner, slot);
    }

    /// @inheritdoc IOrderBook
    function orderParams() external view returns (OrderParams memory) {
        return
            OrderParams(
                _settlementDelay,
                _fallbackDelay,
                _fallbackSpread,
                _freshness,
                _executionGas,
                _minExecutionFee,
                _maxExecutionFee
            );
    }

    /// @inheritdoc IOrderBook
    function earliestDeadline() external view returns (uint256) {
        return _earliestDeadline();
    }

    /// @inheritdoc IOrderBook
    function executionFeeBounds() external view returns (uint256 least, uint256 greatest) {
        return (_leastExecutionFee(), _maxExecutionFee);
    }

    /// @inheritdoc IOrderBook
    function nativePrice() external view returns (uint256) {
        return _nativePrice;
    }

    /// @inheritdoc IOrderBook
    function isNonceUsed(address owner, uint256 nonce) external view returns (bool) {
        return _isNonceUsed(owner, nonce);
    }

    /// @inheritdoc IOrderBook
    function sessionState(bytes32 sessionId) external view returns (SessionState memory) {
        return _sessions[sessionId];
    }

    /// @inheritdoc IOrderBook
    function stakeOf(bytes32 sessionId, uint256 positionId) external view returns (Stake memory) {
        return _stakes[sessionId][positionId];
    }

    /// @inheritdoc IOrderBook
    function domainSeparator() external view returns (bytes32) {
        return _domainSeparatorV4();
    }
}
