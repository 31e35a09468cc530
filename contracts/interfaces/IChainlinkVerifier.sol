// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice Chainlink's VerifierProxy as far as the protocol calls it. Its own interface is of another compiler.
interface IChainlinkVerifier {
    /// @notice Checks each report's signatures, charges the caller, and returns the reports' data. `parameters` is
    /// `abi.encode(feeToken)`, empty without a fee manager.
    function verifyBulk(
        bytes[] calldata reports,
        bytes calldata parameters
    ) external payable returns (bytes[] memory);

    /// @notice The fee manager, zero where verification is free.
    // Chainlink's own name for it.
    // solhint-disable-next-line func-name-mixedcase
    function s_feeManager() external view returns (IChainlinkFeeManager);
}

/// @notice Chainlink's FeeManager.
interface IChainlinkFeeManager {
    /// @notice An amount of a token.
    struct Asset {
        address assetAddress;
        uint256 amount;
    }

    /// @notice What `subscriber` pays for a report in `feeToken`, what of it rewards the signers, and the discount.
    function getFeeAndReward(
        address subscriber,
        bytes calldata report,
        address feeToken
    ) external view returns (Asset memory fee, Asset memory reward, uint256 discount);

    /// @notice The wrapped native token.
    // Chainlink's own names.
    // solhint-disable-next-line func-name-mixedcase
    function i_nativeAddress() external view returns (address);

    /// @notice Who pulls fees in LINK.
    // solhint-disable-next-line func-name-mixedcase
    function i_rewardManager() external view returns (address);
}
