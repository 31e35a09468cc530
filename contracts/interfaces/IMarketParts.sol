// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IInsuranceFund} from "./IInsuranceFund.sol";
import {ILiquidityVault} from "./ILiquidityVault.sol";
import {IMarginVault} from "./IMarginVault.sol";
import {IPriceOracle} from "./IPriceOracle.sol";

/// @notice What a market is made of, fixed for its life.
interface IMarketParts {
    function token() external view returns (IERC20);

    function oracle() external view returns (IPriceOracle);

    function marginVault() external view returns (IMarginVault);

    function liquidityVault() external view returns (ILiquidityVault);

    function insuranceFund() external view returns (IInsuranceFund);

    function orderBook() external view returns (address);

    /// @notice Receives the treasury's share of fees, as a claim in the margin vault.
    function treasury() external view returns (address);

    /// @notice Draws positions for `tokenURI`; zero for none.
    function descriptor() external view returns (address);

    /// @notice 10^(36 − token decimals): base wad × price wad → token units.
    function quoteScale() external view returns (uint256);
}
