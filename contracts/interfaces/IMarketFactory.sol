// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {MarketConfig, MarketSet} from "../types/MarketConfig.sol";

/// @notice Deploys one set of contracts per market. The set's addresses follow from the market's symbol, so the
/// contracts know each other without setters.
interface IMarketFactory {
    /// @notice Deploys, wires and registers a market. `creationCode` holds the five contracts' creation code in the
    /// order of `MarketSet`; the factory accepts only the code it was deployed with the hashes of. Owner only.
    /// Reverts: MarketExists, ZeroAddress, TokenDecimalsOutOfBounds, ParameterOutOfBounds, CreationCodeMismatch,
    /// OwnableUnauthorizedAccount, the oracle's errors if it has no fresh price.
    function createMarket(
        MarketConfig calldata config,
        bytes[5] calldata creationCode
    ) external returns (MarketSet memory set);

    /// @notice Addresses that the market of `symbol` has or would have.
    function addressesOf(string calldata symbol) external view returns (MarketSet memory);

    /// @notice Whether the market of `symbol` exists.
    function exists(string calldata symbol) external view returns (bool);

    /// @notice Symbols of all markets in order of creation.
    function symbols() external view returns (string[] memory);

    /// @notice keccak256 of the creation code this factory deploys, in the order of `MarketSet`.
    function codeHashes() external view returns (bytes32[5] memory);
}
