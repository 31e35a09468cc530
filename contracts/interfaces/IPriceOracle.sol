// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Fixing, FixingQuery, Observation} from "../types/Fixing.sol";

/// @notice Price of one unit of base asset in collateral tokens, 18 decimals.
interface IPriceOracle {
    /// @notice Latest price and when it was observed, seconds. Reverts: OracleAnswerOutOfBounds, OracleStale,
    /// OracleRoundIncomplete, OracleObservationFromFuture, OracleFeedsDisagree, OracleSequencerDown, OracleGracePeriod,
    /// OracleReportMissing.
    function latest() external view returns (uint256 price, uint256 observedAt);

    /// @notice Latest price without its age check; (0, 0, false) where none is usable. `fresh` tells whether
    /// `latest` would return it. Never reverts.
    function peek() external view returns (uint256 price, uint256 observedAt, bool fresh);

    /// @notice Lowest and highest price that liquidity may be priced at while the latest price is `price`: price ·
    /// (1 ∓ uncertainty), rounded outwards, or the latest bid and ask where these are further off. Never reverts for a
    /// price of this oracle's.
    function band(uint256 price) external view returns (uint256 low, uint256 high);

    /// @notice Half of the ratio by which the next observation may differ from the latest one, wad; at least the feed's
    /// deviation threshold.
    function uncertainty() external view returns (uint256);

    /// @notice Whether there is no fresh price although one is due, and the oracle runs no grace period of its own after
    /// that: liquidations may be made to wait for one. Never reverts.
    function outage() external view returns (bool);

    /// @notice The epoch to record with a commit (phases of its feeds); fixings are looked for from it on.
    function epoch() external view returns (uint48);

    /// @notice The one price of `query.moment`, proven by `proof`; its words depend on the oracle.
    /// Its kind, price and observation depend on the query and the source's history alone, not on who asks or when.
    /// Reverts: OracleNotFirstRound, OracleFixingPending, OracleRoundIncomplete, OracleWrongPhase,
    /// OracleObservationFromFuture, OracleReportMissing, OracleReportNotOfMoment.
    function fixing(FixingQuery calldata query, bytes calldata proof) external view returns (Fixing memory);

    /// @notice The observation `proof` names, with the one before it. Only of the present epoch: an aggregator that was
    /// replaced observes nothing any more.
    /// Reverts: OracleWrongPhase, OracleRoundIncomplete, OracleAnswerOutOfBounds, OracleObservationFromFuture,
    /// OracleNotFirstRound, OracleReportMissing.
    function observation(bytes calldata proof) external view returns (Observation memory);

    /// @notice Whether `fixing` can be proven, or may yet be: an observation was made after `moment`, or the fallback of
    /// the query counts already; of a stream, a report of the moment is kept or can still be brought. Reverts if the
    /// feed, or that of the sequencer, does not answer.
    function settleable(FixingQuery calldata query) external view returns (bool);
}
