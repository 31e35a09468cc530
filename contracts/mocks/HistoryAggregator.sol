// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice An aggregator for local chains whose rounds are pushed with their real ids and times. It answers as
/// Chainlink's own do behind EACAggregatorProxy, and keeps all rounds.
contract HistoryAggregator {
    /// @dev One slot, as in Chainlink's aggregators. `carriedOver`: rounds back to the one that was answered, plus one.
    struct Round {
        int160 answer;
        uint40 startedAt;
        uint40 updatedAt;
        uint16 carriedOver;
    }

    uint8 public immutable decimals;
    string public description;
    // Chainlink's own name for it.
    // solhint-disable-next-line const-name-snakecase
    uint256 public constant version = 4;
    uint256 private _latestRound;
    mapping(uint256 aggregatorRound => Round) private _rounds;

    event AnswerUpdated(int256 indexed current, uint256 indexed roundId, uint256 updatedAt);

    error NoDataPresent();
    error RoundNotNewer(uint256 round, uint256 latest);

    constructor(uint8 decimals_, string memory description_) {
        decimals = decimals_;
        description = description_;
    }

    /// @notice Adds a round. Ids must grow; gaps are allowed.
    function push(uint64 round, int160 answer, uint40 startedAt, uint40 updatedAt) external {
        pushRaw(round, answer, startedAt, updatedAt, round);
    }

    /// @notice Adds a round whose answer may be carried over from `answeredInRound`.
    function pushRaw(
        uint64 round,
        int160 answer,
        uint40 startedAt,
        uint40 updatedAt,
        uint64 answeredInRound
    ) public {
        if (round <= _latestRound) revert RoundNotNewer(round, _latestRound);
        if (answeredInRound > round || round - answeredInRound >= type(uint16).max) revert NoDataPresent();
        // Checked above.
        uint16 carriedOver = uint16(round - answeredInRound) + 1;
        _rounds[round] = Round(answer, startedAt, updatedAt, carriedOver);
        _latestRound = round;
        emit AnswerUpdated(answer, round, updatedAt);
    }

    function latestRound() public view virtual returns (uint256) {
        return _latestRound;
    }

    function getRoundData(
        uint80 round
    )
        public
        view
        virtual
        returns (uint80, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound)
    {
        Round memory r = _rounds[round];
        if (r.carriedOver == 0) revert NoDataPresent();
        return (round, r.answer, r.startedAt, r.updatedAt, round + 1 - r.carriedOver);
    }

    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80) {
        // Round ids are uint64 in `push`.
        return getRoundData(uint80(_latestRound));
    }

    function latestAnswer() external view returns (int256) {
        return _rounds[_latestRound].answer;
    }

    function latestTimestamp() external view returns (uint256) {
        return _rounds[_latestRound].updatedAt;
    }

    function getAnswer(uint256 round) external view returns (int256) {
        return _rounds[round].answer;
    }

    function getTimestamp(uint256 round) external view returns (uint256) {
        return _rounds[round].updatedAt;
    }
}
