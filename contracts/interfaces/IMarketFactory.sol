// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {MarketConfig, MarketSet} from "../types/MarketConfig.sol";

/// @notice Deploys one set of contracts per market. The set's addresses follow from the market's symbol, so the
/// contracts know each other without setters.
interface IMarketFactory {
    /// @notice Deploys, wires and registers a market. One transaction has no room for all eight contracts, so it is called
    /// several times with the same `config`: `creationCode` holds the creation code of the next ones in the order of
    /// `MarketSet`; the factory accepts only the code it was deployed with the hashes of. With the last contract the
    /// market is registered and exists; before, its contracts hold nothing. Owner only.
    /// Reverts: MarketExists, MarketConfigMismatch, ZeroAddress, TokenDecimalsOutOfBounds, ParameterOutOfBounds,
    /// CreationCodeMismatch, OwnableUnauthorizedAccount, the oracle's errors if it has no fresh price at the start.
    function createMarket(
        MarketConfig calldata config,
        bytes[] calldata creationCode
    ) external returns (MarketSet memory set);

    /// @notice How many of a market's eight contracts are deployed.
    function deployedOf(string calldata symbol) external view returns (uint256);

    /// @notice Addresses that the market of `symbol` has or would have.
    function addressesOf(string calldata symbol) external view returns (MarketSet memory);

    /// @notice Whether the market of `symbol` exists.
    function exists(string calldata symbol) external view returns (bool);

    /// @notice Symbols of all markets in order of creation.
    function symbols() external view returns (string[] memory);

    /// @notice keccak256 of the creation code this factory deploys, in the order of `MarketSet`.
    function codeHashes() external view returns (bytes32[8] memory);
}
