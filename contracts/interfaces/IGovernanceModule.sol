// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {MaintenanceSchedule, MarketParams} from "../types/MarketParams.sol";

/// @notice What governance, and anyone, may do to the state of a market, never to a user's money. The governance module
/// carries it out on the market's own storage: call it on the market.
interface IGovernanceModule {
    /* EVENTS */

    /// @notice Parameters changed, for good; `version` counts them.
    event ParamsChanged(uint256 indexed version, MarketParams params);

    /// @notice Tighter maintenance terms were announced.
    event MaintenanceScheduled(MaintenanceSchedule schedule);

    /// @notice The announced tightening was called off; what had come into force of it is taken back.
    event ScheduleCancelled();

    /// @notice The guardian stopped new risk, or risk administration let it in again.
    event NewRiskStopped(address indexed by);
    event NewRiskResumed(address indexed by);

    /// @notice A vault was found to hold less than it owes, or no longer to; new risk follows.
    event SolvencyChecked(bool solvent);

    /// @notice The feed was found without a fresh price: liquidations wait until it has one, and the grace period after.
    event OutageNoted(uint256 observedAt);

    /// @notice The feed has a fresh price again: liquidations resume at `resumesAt`, seconds.
    event OutageOver(uint256 resumesAt);

    /* STATE: anyone */

    /// @notice Brings carry up to now at the latest price. Does nothing where no price is usable. With a fresh one after
    /// an outage it starts the grace period.
    function accrue() external;

    /// @notice Holds what each vault has against what it owes. A breach stops new risk, and nothing else; once it is
    /// mended new risk is let in again.
    function checkSolvency() external returns (bool solvent);

    /// @notice While the feed has no fresh price: liquidations wait for one and for the grace period after it. Once it
    /// has one again: starts the grace period, as the first liquidation would. Reverts: NoOutage.
    function noteOutage() external;

    /// @notice Brings announced terms that have come to their end into the parameters. Reverts: ScheduleNotOver.
    function applySchedule() external;

    /* GOVERNANCE: as the authority lets */

    /// @notice Changes parameters at once; none for the worse of those who are in the market, see `ParamChecks.checkLoosens`.
    /// Reverts: AccessDenied, ParameterOutOfBounds, TermsTightened, ScheduleActive, ParamVersionsUsedUp.
    function setParams(MarketParams calldata next) external;

    /// @notice Announces tighter maintenance terms: they start after two days' notice at least and come into force in a
    /// straight line over a day at least. Reverts: AccessDenied, ParameterOutOfBounds, ScheduleActive.
    function scheduleMaintenance(MaintenanceSchedule calldata next) external;

    /// @notice Calls the announced tightening off. Reverts: AccessDenied, ScheduleNotOver.
    function cancelSchedule() external;

    /// @notice Stops new risk: positions can only shrink. Reverts: AccessDenied.
    function stopNewRisk() external;

    /// @notice Lets new risk in again. Reverts: AccessDenied.
    function resumeNewRisk() external;
}
