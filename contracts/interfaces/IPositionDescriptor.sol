// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IPerpMarket} from "./IPerpMarket.sol";

/// @notice Draws positions: what wallets and galleries show for the token of one.
interface IPositionDescriptor {
    /// @notice ERC-721 metadata of a live position as a data URI: JSON with name, description, attributes and an SVG image
    /// of side, size, leverage and health at the latest price. Reverts nowhere else than the market's own views do.
    function tokenURI(IPerpMarket market, uint256 positionId) external view returns (string memory);
}
