// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IMarketModule} from "../interfaces/IMarketModule.sol";
import {State} from "./MarketStorage.sol";
import {Rejection} from "./Rejection.sol";

/// @notice Ending orders no price exists for.
abstract contract Releases is Rejection, IMarketModule {
    /// @inheritdoc IMarketModule
    function release(
        uint256 positionId,
        uint256 executionFee,
        address feeTo,
        bool keepsReserved
    ) external onlyOrderBook nonReentrant {
        if (_ownerOf(positionId) == address(0)) return;
        State memory state;
        if (executionFee != 0 && _readPosition(positionId).size != 0) {
            // A feed that no longer answers must not keep a release without a fee from going through.
            (uint256 price, , ) = oracle.peek();
            state = _load(price, positionId);
        } else {
            state.balance = marginVault.balanceOf(positionId);
        }
        _reject(positionId, executionFee, feeTo, state, keepsReserved);
    }
}
