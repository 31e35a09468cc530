// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {console} from "@layerzerolabs/toolbox-foundry/lib/forge-std/console.sol";
import {PoolFixture} from "../shared/PoolFixture.sol";

// The figures are for whoever reads the run.
// solhint-disable no-console

/// @notice What knowing the feed's next round is worth to a liquidity provider, on the real rounds of ETH/USD. The
/// positions stand still and there is no carry, so that prices are all that moves.
///
/// Pricing alone, as if nobody had to wait: nothing bought at one round and sold at the next is sold for more than it
/// cost, nothing sold at one round buys back more at the next. Value is monotonic in the price, whatever the positions,
/// so that holds exactly where the bands of the two rounds touch: jumps up to about twice the uncertainty.
///
/// By the vault's own way: providers who know the next two rounds when they cancel, and the next when they deposit.
/// Shares are the measure: they are what the one who holds has.
///
/// Not claimed: that nobody is ever better off for having been away for longer than a round. Who stays out for a whole
/// fall has been spared it, with foresight or without; they bear no risk of the pool and earn none of its income. What
/// those come to who stay away while each next round is known to be lower is printed, not held against anything.
contract PoolForesightTest is PoolFixture {
    struct Round {
        uint256 price;
        uint256 time;
    }

    /// @param gain Greatest gain, wad; the least loss if there is none.
    /// @param round Index of the round known beforehand.
    struct Best {
        int256 gain;
        uint256 round;
    }

    /// @param account Its address.
    /// @param falls Fall of the share's value in the round after the price of leaving, wad, from which this actor goes
    /// through with it; they cancel otherwise.
    /// @param patient Whether the deposit is put off for as long as the next round is cheaper, not once only.
    /// @param started Shares at the beginning.
    /// @param left Shares redeemed for what they hold in cash.
    /// @param joined Batch of the last request.
    /// @param trips Times they left and came back.
    /// @param best Greatest gain in shares on one of them, wad.
    /// @param waited Whether the deposit was put off once already.
    struct Actor {
        address account;
        int256 falls;
        bool patient;
        uint256 started;
        uint256 left;
        uint256 joined;
        uint256 trips;
        int256 best;
        bool waited;
    }

    string private constant MONTHS = "data/chainlink-eth-usd-2023-04-to-2023-12.csv";
    string private constant CRASH = "data/chainlink-eth-usd-2023-08-flash-crash.csv";
    uint256 private constant POOL = 20_000_000e6;
    uint256 private constant PAID = 1_000_000e6;
    uint256 private constant ACTORS = 5;

    address private _holder = makeAddr("holder");
    address private _trader = makeAddr("trader");

    /* PRICING ALONE */

    /// @notice Traders long by 37 % of the pool: its shares fall when the price rises.
    function test_noRoundIsWorthKnowingBeforehandWhileTradersAreLong() public {
        _checkRounds("long 37 %", MONTHS, 4_000e18);
    }

    function test_noRoundIsWorthKnowingBeforehandWhileTradersAreShort() public {
        _checkRounds("short 37 %", MONTHS, -4_000e18);
    }

    function test_noRoundIsWorthKnowingBeforehandNearTheCap() public {
        _checkRounds("long 79 %", MONTHS, 8_300e18);
    }

    function test_noRoundOfTheFlashCrashIsWorthKnowingBeforehandNearTheCap() public {
        _checkRounds("short 78 %, flash crash", CRASH, -8_500e18);
    }

    /// @notice With no more than the feed's deviation threshold for a band a round would be worth knowing: what the
    /// tests above look for can be found.
    function test_theDeviationThresholdWouldNotBeEnough() public {
        _band = 0.005e18;
        Round[] memory rounds = _start(CRASH, -8_500e18);
        (Best memory inAndOut, Best memory outAndIn) = _bestGains(rounds, false);
        _print("band 0.5 %: in and out", inAndOut, rounds);
        _print("band 0.5 %: out and in", outAndIn, rounds);
        assertGt(inAndOut.gain, 0.005e18);
        assertGt(outAndIn.gain, 0.005e18);
    }

    function _checkRounds(string memory name, string memory path, int256 size) private {
        Round[] memory rounds = _start(path, size);
        (Best memory inAndOut, Best memory outAndIn) = _bestGains(rounds, true);
        _print(string.concat(name, ": in and out"), inAndOut, rounds);
        _print(string.concat(name, ": out and in"), outAndIn, rounds);
        assertLe(inAndOut.gain, 0, "in and out");
        assertLe(outAndIn.gain, 0, "out and in");
    }

    /// @dev Every pair of consecutive rounds, a second apart, at the prices of one more small deposit or redemption.
    /// What a large one gets is worse where these gain nothing: it moves none of the two values against the other.
    function _bestGains(
        Round[] memory rounds,
        bool samples
    ) private returns (Best memory inAndOut, Best memory outAndIn) {
        (inAndOut.gain, outAndIn.gain) = (type(int256).min, type(int256).min);
        uint256 shares = pool.totalSupply() + VIRTUAL;
        uint256 held = pool.balanceOf(_holder) / 100;
        uint256 time = vm.getBlockTimestamp();
        uint256 bought;
        uint256 sold;
        for (uint256 k; k < rounds.length; ++k) {
            uint256 price = rounds[k].price;
            _observeAt(++time, price);
            (uint256 low, uint256 high) = _bandAt(price);
            if (k != 0) {
                _note(inAndOut, _ratio((bought * (low + 1)) / shares, PAID), k);
                _note(outAndIn, _ratio((sold * shares) / (high + 1), held), k);
            }
            bought = pool.previewDeposit(PAID);
            assertEq(bought, (PAID * shares) / (high + 1), "the price of a deposit");
            sold = (held * (low + 1)) / shares;
            bool jumps = k + 1 != rounds.length && _jumpTo(rounds, k + 1) > 0.019e18;
            if (samples && (jumps || k % 1_000 == 0)) _tryOut(rounds, k, held, low, shares);
        }
    }

    /// @dev The same by real requests and deposits: redeemed at the price worked out, and no gain either way.
    function _tryOut(Round[] memory rounds, uint256 k, uint256 held, uint256 low, uint256 shares) private {
        uint256 next = rounds[k + 1 == rounds.length ? k : k + 1].price;
        address actor = makeAddr("actor");
        uint256 state = vm.snapshotState();
        _requestRedeem(_holder, held);
        (uint256 redeemed, uint256 assets) = _fulfillAt(rounds[k].price);
        assertEq(assets, (redeemed * (low + 1)) / shares, "the price of a redemption");
        if (assets != 0) {
            _observe(next);
            assertLe(_deposit(_holder, assets), redeemed, "out and in");
        }
        vm.revertToState(state);

        state = vm.snapshotState();
        uint256 bought = _deposit(actor, PAID);
        _requestRedeem(actor, bought);
        (redeemed, assets) = _fulfillAt(next);
        // Of a batch in part only that part was paid for.
        assertLe(assets, (PAID * redeemed) / bought + 1, "in and out");
        vm.revertToState(state);
    }

    /* THE WHOLE WAY */

    /// @notice Leaving at every chance, only before falls, only before great falls; with keepers that redeem a batch
    /// as soon as they can: nobody comes back with more shares than they left with, on no trip.
    function test_nobodyOutdoesTheHolderWhileTradersAreLong() public {
        _play(4_000e18, true);
    }

    function test_nobodyOutdoesTheHolderWhileTradersAreShort() public {
        _play(-4_000e18, true);
    }

    /// @notice The same where no keeper comes, and the actor redeems the batch when it suits them.
    function test_nobodyOutdoesTheHolderByRedeemingTheBatchThemselves() public {
        _play(-4_000e18, false);
    }

    function _play(int256 size, bool keepers) private {
        Round[] memory rounds = _start(MONTHS, size);
        Actor[] memory actors = new Actor[](ACTORS);
        int256[ACTORS] memory falls = [type(int256).min, int256(0), 0.002e18, 0, 0.005e18];
        string[ACTORS] memory names = [
            "leaves",
            "picks falls",
            "picks great falls",
            "picks falls and stays away",
            "picks great falls and stays away"
        ];
        for (uint256 i; i < ACTORS; ++i) {
            Actor memory a = actors[i];
            (a.account, a.falls, a.patient, a.best) = (makeAddr(names[i]), falls[i], i > 2, type(int256).min);
            a.started = _deposit(a.account, PAID);
        }
        // Anybody's shares wait all the time, so that the batches go on.
        _deposit(treasury, PAID);
        uint256 start = vm.getBlockTimestamp() + 60 - rounds[0].time;
        for (uint256 k; k < rounds.length; ++k) {
            _observeAt(start + rounds[k].time, rounds[k].price);
            if (keepers && pool.isFulfillable()) pool.fulfillRedeems();
            if (!keepers && pool.isFulfillable() && _fallAfter(rounds, k) > 0.002e18) pool.fulfillRedeems();
            for (uint256 i; i < ACTORS; ++i) _act(actors[i], rounds, k, start, keepers);
            _ask(treasury, 1e6);
        }
        for (uint256 i; i < ACTORS; ++i) {
            Actor memory a = actors[i];
            uint256 ended = _home(a);
            console.log(string.concat(names[i], keepers ? "" : ", no keepers"));
            console.log(
                "  trips, best one of them in 1/100 bp of the shares, shares at the end in bp of the holder's:"
            );
            console.log(a.trips);
            console.logInt(a.best / 1e12);
            console.log((ended * 10_000) / a.started);
            // Staying away for longer than a round is not what is claimed.
            if (a.patient) continue;
            assertGt(a.trips, 0, "no trip");
            assertLe(a.best, 0, "a trip gained");
            assertLe(ended, a.started, "more than the holder");
        }
    }

    /// @dev One actor's moves between two rounds, with what they know of the following ones.
    function _act(Actor memory a, Round[] memory rounds, uint256 k, uint256 start, bool keepers) private {
        _comeBack(a, rounds, k);
        if (pool.balanceOf(a.account) != 0) _ask(a, pool.balanceOf(a.account));
        if (!keepers || k + 2 >= rounds.length || pool.pendingRedeemRequest(0, a.account) == 0) return;
        bool due = a.joined <= pool.currentBatch() && start + rounds[k + 1].time >= pool.fulfillableFrom();
        if (!due || _fallAfter(rounds, k + 1) > a.falls) return;
        _cancel(a.account);
        _ask(a, pool.balanceOf(a.account));
    }

    /// @dev Claims what was redeemed; deposits it now, or at the next round if that is known to be cheaper.
    function _comeBack(Actor memory a, Round[] memory rounds, uint256 k) private {
        uint256 redeemed = pool.maxRedeem(a.account);
        if (redeemed != 0) {
            _claim(a.account);
            a.left += redeemed;
            a.waited = false;
        }
        if (a.left == 0) return;
        if (k + 1 < rounds.length && (a.patient || !a.waited)) {
            (, uint256 now_) = _bandAt(rounds[k].price);
            (, uint256 next) = _bandAt(rounds[k + 1].price);
            if (next < now_) {
                a.waited = true;
                return;
            }
        }
        _return(a);
    }

    function _return(Actor memory a) private {
        uint256 cash = token.balanceOf(a.account);
        vm.prank(a.account);
        uint256 shares = pool.deposit(cash, a.account);
        int256 gain = _ratio(shares, a.left);
        if (gain > a.best) a.best = gain;
        ++a.trips;
        (a.left, a.waited) = (0, false);
    }

    /// @dev All shares back in hand at the last round.
    function _home(Actor memory a) private returns (uint256) {
        uint256 redeemed = pool.maxRedeem(a.account);
        if (redeemed != 0) _claim(a.account);
        a.left += redeemed;
        if (a.left != 0) _return(a);
        if (pool.pendingRedeemRequest(0, a.account) != 0) {
            // What is due already is no longer theirs to take back, and is worth as much as before.
            if (pool.isFulfillable())
                return pool.balanceOf(a.account) + pool.pendingRedeemRequest(0, a.account);
            _cancel(a.account);
        }
        return pool.balanceOf(a.account);
    }

    function _ask(Actor memory a, uint256 shares) private {
        uint256 from = pool.fulfillableFrom();
        _requestRedeem(a.account, shares);
        a.joined = pool.fulfillableFrom() == from ? pool.currentBatch() + 1 : pool.currentBatch();
    }

    function _ask(address account, uint256 shares) private {
        if (pool.pendingRedeemRequest(0, account) < 2 * shares) _requestRedeem(account, shares);
    }

    /// @dev By how much the pool's value falls from round k to the next, wad; negative if it rises.
    function _fallAfter(Round[] memory rounds, uint256 k) private view returns (int256) {
        if (k + 1 >= rounds.length) return type(int256).min + 1;
        int256 before = pool.netAssetValue(rounds[k].price);
        return ((before - pool.netAssetValue(rounds[k + 1].price)) * 1e18) / before;
    }

    /* SET-UP */

    /// @dev A pool of 20 M whose only trader holds `size`, with collateral for any price of these rounds.
    function _start(string memory path, int256 size) private returns (Round[] memory rounds) {
        rounds = _read(path);
        _deployMarket(6, rounds[0].price);
        _deposit(_holder, POOL);
        _open(_trader, size, 30_000_000e6);
    }

    /// @dev The rounds of a file: answers to wad prices, and when they were observed.
    function _read(string memory path) private view returns (Round[] memory rounds) {
        bytes memory text = bytes(vm.readFile(path));
        uint256 lines;
        for (uint256 i; i < text.length; ++i) if (text[i] == "\n") ++lines;
        rounds = new Round[](lines - 1);
        uint256 line;
        uint256 column;
        uint256 value;
        for (uint256 i; i < text.length; ++i) {
            bytes1 c = text[i];
            if (c == "\n") {
                ++line;
                (column, value) = (0, 0);
            } else if (line == 0) {
                continue;
            } else if (c == ",") {
                if (column == 1) rounds[line - 1].price = value * 1e10;
                if (column == 2) rounds[line - 1].time = value;
                (column, value) = (column + 1, 0);
            } else {
                value = value * 10 + uint8(c) - 48;
            }
        }
    }

    /* FIGURES */

    function _ratio(uint256 got, uint256 paid) private pure returns (int256) {
        return ((int256(got) - int256(paid)) * 1e18) / int256(paid);
    }

    function _note(Best memory best, int256 gain, uint256 round) private pure {
        if (gain > best.gain) (best.gain, best.round) = (gain, round);
    }

    function _jumpTo(Round[] memory rounds, uint256 k) private pure returns (uint256) {
        (uint256 a, uint256 b) = (rounds[k - 1].price, rounds[k].price);
        return ((a > b ? a - b : b - a) * 1e18) / a;
    }

    function _print(string memory name, Best memory best, Round[] memory rounds) private pure {
        console.log(name);
        console.log("  best gain in 1/100 bp, round, jump to it in 1/100 bp:");
        console.logInt(best.gain / 1e12);
        console.log(best.round);
        console.log(_jumpTo(rounds, best.round) / 1e12);
    }
}
