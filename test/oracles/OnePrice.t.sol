// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {FeedProxy} from "../../contracts/mocks/FeedProxy.sol";
import {HistoryAggregator} from "../../contracts/mocks/HistoryAggregator.sol";
import {ChainlinkFeedOracle} from "../../contracts/oracles/ChainlinkFeedOracle.sol";
import {Fixing, FixingKind, FixingQuery} from "../../contracts/types/Fixing.sol";
import {FeedSettings, OracleSettings, SecondFeedSettings} from "../../contracts/types/OracleSettings.sol";
import {BaseTest} from "../shared/BaseTest.sol";

/// @dev A feed; `next` is an aggregator that runs alongside and takes over some time, `ids` all rounds of all of them.
/// `last` and `nextLast` are the times of the latest observations.
struct Source {
    FeedProxy proxy;
    HistoryAggregator aggregator;
    HistoryAggregator next;
    uint256 last;
    uint256 nextLast;
    uint80[] ids;
}

/// @notice I22: whatever the feeds do and whoever settles when with what proof, a moment has at most one price; and in the
/// end it has one.
contract OnePriceTest is BaseTest {
    uint256 private constant START = 1_700_000_000;
    uint32 private constant FALLBACK_DELAY = 900;
    uint32 private constant DELAY = 30;
    uint256 private constant ROUNDS = 14;

    Source private _price;
    Source private _second;
    Source private _collateral;
    Source private _sequencer;
    ChainlinkFeedOracle private _oracle;
    FixingQuery private _query;

    /// @dev The one answer found so far.
    bool private _found;
    Fixing private _answer;

    function setUp() public {
        vm.warp(START);
        _open(_price, 8, 2_000e8);
        _open(_second, 6, 2_000e6);
        _open(_collateral, 8, 1e8);
        _open(_sequencer, 0, 0);
    }

    /// @notice A feed of random gaps, equal timestamps, late landings, carried-over, unbelievable and missing rounds, and of
    /// changes of phase to aggregators that ran alongside; after each round every round there is is tried as a proof.
    /// hardhat-config: fuzz.runs = 300
    function testFuzz_noKeeperChoosesThePrice(uint256 seed, uint256 commitAt, uint256 patience) public {
        FeedSettings memory none;
        _oracle = _deploy(
            _settings(_price, 3_600, 1e18, 1_000_000e18),
            SecondFeedSettings(none, 0),
            OracleSettings(none, address(0), 0, 0.005e18)
        );
        _run(seed, commitAt, patience, 1);
    }

    /// @notice The same beside a second feed, a collateral feed and a sequencer of the same kind.
    /// hardhat-config: fuzz.runs = 300
    function testFuzz_noKeeperChoosesAmongFeeds(uint256 seed, uint256 commitAt, uint256 patience) public {
        _oracle = _deploy(
            _settings(_price, 3_600, 1e18, 1_000_000e18),
            SecondFeedSettings(_settings(_second, 5_000, 1e18, 1_000_000e18), 0.2e18),
            OracleSettings(
                _settings(_collateral, 5_000, 0.2e18, 5e18),
                address(_sequencer.proxy),
                0,
                0.005e18
            )
        );
        _run(seed, commitAt, patience, 4);
    }

    function _deploy(
        FeedSettings memory price,
        SecondFeedSettings memory second,
        OracleSettings memory settings
    ) private returns (ChainlinkFeedOracle) {
        bytes memory args = abi.encode(price, second, settings);
        return ChainlinkFeedOracle(deployCode("ChainlinkFeedOracle.sol:ChainlinkFeedOracle", args));
    }

    /* RUN */

    function _run(uint256 seed, uint256 commitAt, uint256 patience, uint256 feeds) private {
        _query = FixingQuery({
            moment: START + DELAY + _bound(commitAt, 0, 3 hours),
            epoch: 0,
            fallbackDelay: FALLBACK_DELAY,
            inclusionDelay: DELAY,
            recordedAt: 0
        });
        for (uint256 i; i < ROUNDS; ++i) {
            uint256 random = uint256(keccak256(abi.encode(seed, i)));
            vm.warp(vm.getBlockTimestamp() + _gap(random));
            _commit();
            _move(feeds == 1 ? 0 : (random >> 16) % (feeds + 1), random);
            if (_query.epoch == 0) continue;
            _tryAll();
            // The same again some time later, before anything new is observed.
            if ((patience >> (16 * i)) % 3 == 0)
                vm.warp(vm.getBlockTimestamp() + ((patience >> (16 * i)) % 2_000));
            _tryAll();
        }
        // A later observation proves what none has proven yet.
        vm.warp(_max(vm.getBlockTimestamp(), _query.moment) + 1 days);
        _commit();
        _push(_price, _price.aggregator, 2_000e8, 0);
        vm.warp(vm.getBlockTimestamp() + DELAY + 1);
        _tryAll();
        assertTrue(_found, "no price");
    }

    /// @dev The commit comes before what is observed now, and before a change of phase.
    function _commit() private {
        if (_query.epoch == 0 && vm.getBlockTimestamp() + DELAY >= _query.moment)
            (_query.epoch, _query.recordedAt) = (_oracle.epoch(), uint40(_query.moment - DELAY));
    }

    /// @dev At times the very second of the one before, or a block later; mostly minutes, at times hours.
    function _gap(uint256 random) private pure returns (uint256) {
        uint256 kind = random % 8;
        if (kind < 3) return kind * ((random >> 8) % DELAY);
        return kind < 6 ? 1 + ((random >> 8) % 1_200) : (random >> 8) % 3 hours;
    }

    /// @dev Something happens to one of the feeds, to the price feed most often.
    function _move(uint256 which, uint256 random) private {
        bool isNone = (random >> 128) % 8 == 0;
        uint256 part = (random >> 96) % 1e6;
        if (which == 1) _next(_second, random, isNone ? int256(0) : int256(1_000e6 + part * 2_000));
        else if (which == 2) _next(_collateral, random, isNone ? int256(0) : int256(0.8e8 + part * 40));
        else if (which == 3) _report((random >> 160) % 2, (random >> 64) % 8 == 0);
        else _next(_price, random, isNone ? int256(0) : int256(1_000e8 + part * 200_000));
    }

    /// @dev One more round, and one of the aggregator that runs alongside; at times that begins to, or takes over.
    function _next(Source storage s, uint256 random, int256 answer) private {
        if (address(s.next) != address(0)) {
            if ((random >> 64) % 3 == 0) _takeOver(s);
            else if (!_isQuiet(s)) _pushNext(s, answer + 1);
            // Each has its own moments.
            if ((random >> 80) % 2 == 0) return;
        } else if ((random >> 64) % 3 == 0 && !_isQuiet(s)) {
            s.next = new HistoryAggregator(s.aggregator.decimals(), "X / USD");
            _pushNext(s, answer + 1);
        }
        _push(s, s.aggregator, answer, random);
    }

    /// @dev When a proxy changed its aggregator can't be told from the chain: a price aggregator that runs alongside must not
    /// observe in the order's quiet time what the one in use does not.
    function _isQuiet(Source storage s) private view returns (bool) {
        uint256 now_ = vm.getBlockTimestamp();
        return s.proxy == _price.proxy && now_ > _query.moment && now_ <= _query.moment + FALLBACK_DELAY;
    }

    /// @dev The sequencer's status from now on, at times from an uptime feed that begins with it.
    function _report(uint256 status, bool isNew) private {
        if (isNew) {
            _sequencer.next = new HistoryAggregator(0, "L2 Sequencer Uptime Status Feed");
            _pushNext(_sequencer, int256(status));
            _takeOver(_sequencer);
        } else {
            _push(_sequencer, _sequencer.aggregator, int256(status), 0);
        }
    }

    /* FEEDS */

    function _open(Source storage s, uint8 decimals, int256 answer) private {
        s.aggregator = new HistoryAggregator(decimals, "X / USD");
        s.proxy = new FeedProxy(s.aggregator);
        _push(s, s.aggregator, answer, 0);
    }

    /// @dev A round that lands now and was observed up to the delay before; at times numbers are left out, at times it only
    /// carries an answer over.
    function _push(Source storage s, HistoryAggregator to, int256 answer, uint256 random) private {
        uint64 number = uint64(to.latestRound() + 1 + ((random >> 72) % 8 == 1 ? 2 : 0));
        bool carried = number > 1 && (random >> 136) % 8 == 1;
        s.last = _max(
            s.last,
            vm.getBlockTimestamp() - ((random >> 200) % 3 != 0 ? (random >> 208) % (DELAY + 1) : 0)
        );
        // Answers and times are small.
        to.pushRaw(number, int160(answer), uint40(s.last), uint40(s.last), carried ? number - 1 : number);
        s.ids.push((uint80(s.proxy.phaseId()) << 64) | number);
    }

    /// @dev A round of the aggregator that is to take over: of a phase that does not exist yet.
    function _pushNext(Source storage s, int256 answer) private {
        uint64 number = uint64(s.next.latestRound() + 1);
        s.nextLast = vm.getBlockTimestamp();
        // As above.
        s.next.push(number, int160(answer), uint40(s.nextLast), uint40(s.nextLast));
        s.ids.push((uint80(s.proxy.phaseId() + 1) << 64) | number);
    }

    function _takeOver(Source storage s) private {
        s.proxy.setAggregator(s.next);
        (s.aggregator, s.last, s.next) = (s.next, s.nextLast, HistoryAggregator(address(0)));
    }

    function _settings(
        Source storage s,
        uint32 maxAge,
        uint128 min,
        uint128 max
    ) private view returns (FeedSettings memory) {
        return FeedSettings(address(s.proxy), maxAge, min, max);
    }

    /* PROOFS */

    /// @dev Every round of the price feed, with every round of the others and none.
    function _tryAll() private {
        bool isAlone = address(_oracle.collateralFeed()) == address(0);
        uint256 seconds_ = isAlone ? 0 : _second.ids.length;
        uint256 collaterals = isAlone ? 0 : _collateral.ids.length;
        for (uint256 i; i < _price.ids.length; ++i) {
            for (uint256 j; j <= seconds_; ++j) {
                for (uint256 k; k <= collaterals; ++k) {
                    _try(
                        abi.encode(
                            _price.ids[i],
                            j == 0 ? 0 : _second.ids[j - 1],
                            k == 0 ? 0 : _collateral.ids[k - 1]
                        )
                    );
                }
            }
        }
    }

    function _try(bytes memory proof) private {
        try _oracle.fixing(_query, proof) returns (Fixing memory f) {
            if (!_found) {
                (_found, _answer) = (true, f);
                return;
            }
            assertEq(uint256(f.kind), uint256(_answer.kind), "two kinds");
            assertEq(f.price, _answer.price, "two prices");
            assertEq(f.bid, _answer.bid, "two bids");
            assertEq(f.ask, _answer.ask, "two asks");
            if (f.kind != FixingKind.Void)
                assertEq(f.observationId, _answer.observationId, "two observations");
        } catch {
            // Not a proof.
        }
    }

    function _max(uint256 a, uint256 b) private pure returns (uint256) {
        return a > b ? a : b;
    }
}
