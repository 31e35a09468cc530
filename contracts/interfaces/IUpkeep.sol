// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AutomationCompatibleInterface} from "@chainlink/contracts/src/v0.8/automation/interfaces/AutomationCompatibleInterface.sol";
import {StreamsLookupCompatibleInterface} from "@chainlink/contracts/src/v0.8/automation/interfaces/StreamsLookupCompatibleInterface.sol";
import {IPerpMarket} from "./IPerpMarket.sol";
import {IStreamsOracle} from "./IStreamsOracle.sol";

/// @notice A keeper's job as an upkeep of Chainlink Automation. checkData is `abi.encode(Shard)`, so that several upkeeps
/// on one contract share the work. Nothing in performData is trusted: it only says where to look.
///
/// On Data Streams `checkUpkeep` reverts with StreamsLookup wherever a report is needed, `checkCallback` decides with the
/// report before it is verified, and `performUpkeep` verifies it. A report that is not there is waited for.
/// Checks revert: UpkeepShardInvalid.
interface IUpkeep is AutomationCompatibleInterface, StreamsLookupCompatibleInterface {
    /// @notice Rewards go to `rewardTo` from now on.
    event RewardToChanged(address indexed rewardTo);

    /// @notice Whether `forwarder` may perform while performing is restricted.
    event ForwarderSet(address indexed forwarder, bool allowed);

    /// @notice Whether only forwarders may perform.
    event RestrictionSet(bool restricted);

    /// @notice The owner took out what was kept for fees; `token` zero is the native one.
    event Withdrawn(address indexed token, address indexed to, uint256 amount);

    function market() external view returns (IPerpMarket);

    /// @notice The market's oracle if it is one of Data Streams, else zero.
    function streams() external view returns (IStreamsOracle);

    /// @notice What verification is paid in, and whether it is paid in native.
    function feeToken() external view returns (address);
    function paysNative() external view returns (bool);

    /// @notice Bytes of performData at most.
    function maxPerformData() external view returns (uint256);

    /// @notice Gets keeper rewards and execution fees, as claims in the margin vault.
    function rewardTo() external view returns (address);

    /// @notice Whether only forwarders may perform; else anyone may.
    function restricted() external view returns (bool);

    function isForwarder(address account) external view returns (bool);

    /// @notice Owner only. Reverts: OwnableUnauthorizedAccount, ZeroAddress.
    function setRewardTo(address to) external;

    /// @notice Lets an account perform while performing is restricted, or no longer: the forwarder of a registered upkeep, or
    /// the contract that brings a workflow's reports. Owner only. Reverts: OwnableUnauthorizedAccount.
    function setForwarder(address forwarder, bool allowed) external;

    /// @notice Lets only forwarders perform, or anyone. Owner only. Reverts: OwnableUnauthorizedAccount.
    function setRestricted(bool on) external;

    /// @notice Takes out what is kept for fees; `token` zero is the native one. Owner only.
    /// Reverts: OwnableUnauthorizedAccount, ZeroAddress, the token's own errors, OpenZeppelin's if native can't be sent.
    function withdraw(address token, address to, uint256 amount) external;
}
