// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Fixing, FixingQuery, Observation} from "../types/Fixing.sol";

/// @notice Price of one unit of base asset in collateral tokens, 18 decimals.
interface IPriceOracle {
    /// @notice Latest price and when it was observed, seconds. Reverts: OracleAnswerOutOfBounds, OracleStale,
    /// OracleRoundIncomplete, OracleObservationFromFuture.
    function latest() external view returns (uint256 price, uint256 observedAt);

    /// @notice Latest price without its age check; (0, 0, false) where none is usable. `fresh` tells whether
    /// `latest` would return it. Never reverts.
    function peek() external view returns (uint256 price, uint256 observedAt, bool fresh);

    /// @notice Half of the ratio by which the next observation may differ from the latest one, wad; at least the feed's
    /// deviation threshold.
    function uncertainty() external view returns (uint256);

    /// @notice The epoch to record with a commit (feed phase); fixings are looked for from it on.
    function epoch() external view returns (uint16);

    /// @notice The one price of `query.moment`, proven by `proof` (feeds: abi.encode(uint80 roundId)).
    /// Its kind, price and observation depend on the query and the feed's history alone, not on who asks or when.
    /// Reverts: OracleNotFirstRound, OracleFixingPending, OracleRoundIncomplete, OracleWrongPhase,
    /// OracleObservationFromFuture.
    function fixing(FixingQuery calldata query, bytes calldata proof) external view returns (Fixing memory);

    /// @notice The observation `proof` names, with the one before it. Only of the present epoch: an aggregator that was
    /// replaced observes nothing any more.
    /// Reverts: OracleWrongPhase, OracleRoundIncomplete, OracleAnswerOutOfBounds, OracleObservationFromFuture.
    function observation(bytes calldata proof) external view returns (Observation memory);

    /// @notice Whether an observation was made after `moment`, or the fallback of the query already counts: then
    /// `fixing` can be proven. Reverts if the feed does not answer.
    function settleable(FixingQuery calldata query) external view returns (bool);
}
