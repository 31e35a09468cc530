// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IPriceOracle} from "./IPriceOracle.sol";

/// @notice Prices from Chainlink Data Streams: signed reports that anyone brings.
interface IStreamsOracle is IPriceOracle {
    /// @notice Verifies signed reports through Chainlink's VerifierProxy and keeps them; reports already kept are passed over
    /// and cost nothing. The fee (feeFor) is paid in native (msg.value, the excess returned) if feeToken is the wrapped native
    /// token, else pulled from the caller in LINK.
    function submit(bytes[] calldata reports, address feeToken) external payable;

    /// @notice What submit would cost now, units of feeToken; 0 where there is no fee manager.
    function feeFor(bytes[] calldata reports, address feeToken) external view returns (uint256);

    function streamId() external view returns (bytes32);
}
